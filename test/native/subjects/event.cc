// Events between threads: set and cleared at once, they wake all who waited.
#include "../support/harness.h"
#include "../support/threads.h"
#include "../support/usage.h"

using namespace native_test;

TEST("event: set and cleared at once, wakes all who wait") {
  constexpr int THREADS = 6;
  constexpr uint32_t ROUNDS = 500;
  const auto segment = make_event();
  const Event event = event_of(segment.get());
  std::atomic<uint32_t> woken{0}, cleared{0};
  in_threads(THREADS + 1, [&](int number) {
    for (uint32_t round = 1; round <= ROUNDS; ++round) {
      if (number < THREADS) {
        wait_for_event(event);
        woken.fetch_add(1);
        until([&] { return cleared.load() >= round; });
      } else {
        until([&] { return event.body->parked.load() == THREADS; });
        event_set(event);
        event_clear(event);
        until([&] { return woken.load() == round * THREADS; });
        cleared.store(round);
      }
    }
  });
  CHECK_EQUAL(woken.load(), ROUNDS * THREADS);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  note("%u rounds", ROUNDS);
}

TEST("event: what was written before it was set can be read behind it") {
  constexpr uint32_t ROUNDS = 500;
  const auto there = make_event(), back = make_event();
  uint64_t data = 0;
  in_threads(2, [&](int number) {
    for (uint32_t round = 1; round <= ROUNDS; ++round) {
      if (number == 0) {
        data = round;
        event_clear(event_of(back.get()));
        event_set(event_of(there.get()));
        wait_for_event(event_of(back.get()));
      } else {
        wait_for_event(event_of(there.get()));
        CHECK_EQUAL(data, round);
        event_clear(event_of(there.get()));
        event_set(event_of(back.get()));
      }
    }
  });
}
