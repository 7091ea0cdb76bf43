// Waiters and notifiers, killed at random instructions: nobody hangs, and nothing is left in the lot.
#include "../support/processes.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

void check_empty(const Segment* segment) {
  for (const uint64_t at : {0, 8}) park_tend(key_of(segment, at));
  CHECK_EQUAL(records_in_use(segment), 0);
  CHECK_EQUAL(used_records(segment), 0);
}

}  // namespace

TEST("kills: waiters and notifiers") {
  const uint32_t kills = kills_wanted() * 3 / 2;  // two fifths of them are notifiers: more than 1,000 of each
  Random random;
  const auto segment = make_object(OBJECT_CONDITION, 64);
  auto* waited = shared_memory<std::atomic<uint64_t>>();
  Victims victims(5, [&](Campaign& campaign, int lane, uint64_t life) {
    Random own(life);
    const auto mine = open_and_join(segment.get());
    for (;;) {
      const WaitKey key = key_of(mine.get(), own.below(2) * 8);
      if (lane < 3) {
        uint32_t record = NO_RECORD;
        CHECK(park(key, nullptr, 0, &record) == Parked::waiting);
        sleep_in_line(key, record);
        waited->fetch_add(1);
      } else {
        const uint32_t count = own.below(4);
        CHECK(unpark(key, count == 3 ? ALL : count) <= (count == 3 ? 3 : count));
      }
      step(&campaign);
    }
  });
  for (uint32_t i = 0; i < kills; i += 100) {
    // All are told again and again, so waits end as long as notifications arrive.
    until_reaches(*waited, waited->load() + 3);
    victims.kill_many(100, &random);
  }
  victims.kill_all();
  check_empty(segment.get());
  note("%u killed, %llu waits ended", kills, static_cast<unsigned long long>(waited->load()));
}

// Only waiters die, and the notifier knows what it gave. With one at a time in line after it: a wake-up reaches a living waiter or comes
// back.
TEST("kills: a wake-up granted to a waiter that dies goes to the next") {
  const uint32_t kills = kills_wanted() / 2;
  Random random;
  const auto segment = make_object(OBJECT_CONDITION, 64);
  const WaitKey key = key_of(segment.get());
  auto* parked = shared_memory<std::atomic<uint64_t>>();
  auto* woken = shared_memory<std::atomic<uint64_t>>();
  for (uint32_t i = 0; i < kills; ++i) {
    stage("kill %u of %u", i + 1, kills);
    pid_t pids[2];
    parked->store(0);
    woken->store(0);
    for (int which = 0; which < 2; ++which) {
      pids[which] = start([&] {
        const auto mine = open_and_join(segment.get());
        uint32_t record = NO_RECORD;
        CHECK(park(key_of(mine.get()), nullptr, 0, &record) == Parked::waiting);
        parked->fetch_add(1);
        for (;;) {  // never uses up what it was granted
          if (which == 0) park_sleep(mine.get(), record, SLICE, nullptr);
          else sleep_in_line(key_of(mine.get()), record), woken->fetch_add(1), _exit(0);
        }
      });
      until_reaches(*parked, static_cast<uint64_t>(which) + 1);
    }
    if (random.below(2) == 0) random_moment(&random);
    CHECK_EQUAL(unpark(key, 1), 1);
    random_moment(&random);
    kill_process(pids[0]);
    join_process(pids[1]);  // tends the line itself, and so inherits
    CHECK_EQUAL(woken->load(), 1);
    CHECK_EQUAL(records_in_use(segment.get()), 0);
  }
  note("%u killed", kills);
}
