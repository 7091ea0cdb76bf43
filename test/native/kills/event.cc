// Those who set and clear an event, and those who wait for it, killed at random instructions: nobody hangs.
#include <sched.h>
#include <unistd.h>

#include "../support/processes.h"
#include "../support/usage.h"

using namespace native_test;

TEST("kills: setters and waiters of an event") {
  const uint32_t kills = kills_wanted() * 3 / 2;  // two fifths of them are setters: more than 1,000 of each
  Random random;
  const auto segment = make_event();
  auto* waited = shared_memory<std::atomic<uint64_t>>();
  Victims victims(5, [&](Campaign& campaign, int lane, uint64_t) {
    const auto mine = open_and_join(segment.get());
    const Event event = event_of(mine.get());
    for (;;) {
      if (lane < 3) {
        wait_for_event(event);
        waited->fetch_add(1);
      } else {
        event_set(event);
        event_clear(event);
      }
      step(&campaign);
    }
  });
  for (uint32_t i = 0; i < kills; i += 100) {
    until_reaches(*waited, waited->load() + 3);
    victims.kill_many(100, &random);
  }
  victims.kill_all();
  const Event event = event_of(segment.get());
  park_tend(event.key);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  CHECK_EQUAL(event.body->parked.load(), 0);
  note("%u killed, %llu waits ended", kills, static_cast<unsigned long long>(waited->load()));
}

// A set() that was finished wakes all who were in line, though the event is cleared at once, and though some of them are killed.
TEST("kills: waiters of an event that is cleared at once") {
  const uint32_t rounds = kills_wanted() / 2;
  Random random;
  const auto segment = make_event();
  const Event event = event_of(segment.get());
  auto* woken = shared_memory<std::atomic<uint64_t>>();
  for (uint32_t i = 0; i < rounds; ++i) {
    stage("round %u of %u", i + 1, rounds);
    woken->store(0);
    pid_t pids[3];
    for (pid_t& pid : pids) {
      pid = start([&] {
        const auto mine = open_and_join(segment.get());
        wait_for_event(event_of(mine.get()));
        woken->fetch_add(1);
        for (;;) pause();
      });
    }
    while (event.body->parked.load() != 3) sched_yield();
    if (random.below(2) == 0) {
      kill_process(pids[0]);
      pids[0] = 0;
    }
    event_set(event);
    event_clear(event);
    if (pids[0] != 0) {
      random_moment(&random);
      kill_process(pids[0]);
    }
    for (int which = 1; which < 3; ++which) until_reaches(*woken, 2);
    for (int which = 1; which < 3; ++which) kill_process(pids[which]);
    park_tend(event.key);
    CHECK_EQUAL(records_in_use(segment.get()), 0);
  }
  note("%u rounds, %u killed", rounds, rounds * 3);
}
