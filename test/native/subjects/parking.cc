// The parking lot between threads: wake-ups go to as many as were asked for, oldest first, and none is lost.
#include "../support/harness.h"
#include "../support/threads.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

std::unique_ptr<Segment> make_place() {
  return make_object(OBJECT_CONDITION, 64);
}

}  // namespace

TEST("parking: n are woken, if so many wait") {
  constexpr int THREADS = 8;
  const auto segment = make_place();
  const WaitKey key = key_of(segment.get());
  Random random;
  uint32_t woken_before = 0;
  std::atomic<uint32_t> waiting{0}, woken{0};
  std::atomic<bool> over{false};
  uint64_t calls = 0;
  in_threads(THREADS + 1, [&](int number) {
    if (number < THREADS) {
      while (!over.load()) {
        uint32_t record = NO_RECORD;
        CHECK(park(key, nullptr, 0, &record) == Parked::waiting);
        waiting.fetch_add(1);
        sleep_in_line(key, record);
        woken.fetch_add(1);
      }
      return;
    }
    for (int round = 0; round < 300; ++round) {
      until([&] { return waiting.load() - woken_before == THREADS && woken.load() == woken_before; });  // all are in line again
      const uint32_t count = random.below(THREADS + 3);
      const uint32_t expected = count < THREADS ? count : THREADS;
      CHECK_EQUAL(unpark(key, count == THREADS + 2 ? ALL : count), expected);
      ++calls;
      // Exactly so many: the others have no grant, and whoever got one has no second.
      until([&] { return woken.load() == woken_before + expected; });
      woken_before += expected;
      until([&] { return waiting.load() - woken_before == THREADS; });
      for (uint32_t i = 0; i < record_limit(segment.get()); ++i) {
        if (wait_records(segment.get())[i].key.load() != 0) CHECK_EQUAL(park_granted(segment.get(), i), 0);
      }
    }
    over.store(true);
    while (woken.load() < woken_before + THREADS) {
      unpark(key, ALL);
      sched_yield();
    }
  });
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  note("%llu calls, %u woken", static_cast<unsigned long long>(calls), woken.load());
}

TEST("parking: oldest first") {
  const auto segment = make_place();
  const WaitKey key = key_of(segment.get());
  uint32_t records[5];
  for (uint32_t& record : records) {
    record = NO_RECORD;
    CHECK(park(key, nullptr, 0, &record) == Parked::waiting);
  }
  bool freed;
  CHECK(!park_leave(key, records[1], &freed));  // its record is used next, by the youngest
  records[1] = NO_RECORD;
  CHECK(park(key, nullptr, 0, &records[1]) == Parked::waiting);
  for (const int which : {0, 2, 3, 4, 1}) {
    CHECK_EQUAL(park_granted(segment.get(), records[which]), 0);
    CHECK_EQUAL(unpark(key, 1), 1);
    CHECK_EQUAL(park_granted(segment.get(), records[which]), 1);
  }
  CHECK_EQUAL(unpark(key, 1), 0);
  for (const uint32_t record : records) CHECK_EQUAL(park_take(key, record, &freed), 1);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
}

TEST("parking: one record for several waits") {
  const auto segment = make_place();
  const WaitKey key = key_of(segment.get());
  uint32_t record = NO_RECORD, other = NO_RECORD;
  for (int i = 0; i < 5; ++i) CHECK(park(key, nullptr, 0, &record) == Parked::waiting);
  CHECK(park(key, nullptr, 0, &other) == Parked::waiting);
  CHECK_EQUAL(records_in_use(segment.get()), 2);
  CHECK_EQUAL(unpark(key, 2), 2);
  bool freed;
  CHECK_EQUAL(park_take(key, record, &freed), 2);
  CHECK(!freed);
  CHECK_EQUAL(unpark(key, 1), 1);  // others' turn first
  CHECK_EQUAL(park_granted(segment.get(), other), 1);
  CHECK(!park_leave(key, record, &freed));
  CHECK(!freed);
  CHECK_EQUAL(unpark(key, ALL), 2);
  CHECK_EQUAL(park_take(key, record, &freed), 2);
  CHECK(freed);
  CHECK(park_leave(key, other, &freed));
  CHECK_EQUAL(records_in_use(segment.get()), 0);
}

TEST("parking: provided that a word has its value") {
  const auto segment = make_place();
  const WaitKey key = key_of(segment.get());
  std::atomic<uint32_t> word{7};
  uint32_t record = NO_RECORD;
  CHECK(park(key, &word, 8, &record) == Parked::changed);
  CHECK_EQUAL(record, NO_RECORD);
  CHECK(park(key, &word, 7, &record) == Parked::waiting);
  bool freed;
  park_leave(key, record, &freed);
}

TEST("parking: a full lot") {
  const auto segment = make_object(OBJECT_VALUE, 64);
  const WaitKey key = key_of(segment.get()), another = key_of(segment.get(), 8);
  const uint32_t limit = record_limit(segment.get());
  std::vector<uint32_t> records(limit, NO_RECORD);
  for (uint32_t& record : records) CHECK(park(key, nullptr, 0, &record) == Parked::waiting);
  uint32_t record = NO_RECORD;
  CHECK(park(another, nullptr, 0, &record) == Parked::full);
  CHECK_EQUAL(unpark(another, ALL), 0);
  CHECK_EQUAL(unpark(key, ALL), limit);
  bool freed;
  for (const uint32_t each : records) CHECK(park_leave(key, each, &freed));
  CHECK(park(another, nullptr, 0, &record) == Parked::waiting);
  note("%u records", limit);
}

// No wake-up is lost between looking at a word and sleeping: each round is begun by the one and ended by the other.
TEST("parking: two threads in turns") {
  constexpr uint32_t ROUNDS = 3000;
  const auto segment = make_place();
  std::atomic<uint32_t> turn{0};
  uint64_t counter = 0;
  in_threads(2, [&](int number) {
    for (uint32_t i = static_cast<uint32_t>(number); i < ROUNDS; i += 2) {
      for (uint32_t now = turn.load(); now != i; now = turn.load()) {
        uint32_t record = NO_RECORD;
        if (park(key_of(segment.get()), &turn, now, &record) == Parked::waiting) sleep_in_line(key_of(segment.get()), record);
      }
      ++counter;  // plain
      turn.store(i + 1);
      unpark(key_of(segment.get()), ALL);
    }
  });
  CHECK_EQUAL(counter, ROUNDS);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
}
