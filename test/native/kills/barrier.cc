// Parties killed at random instructions, as the last one and while they wait: the others are released or find the barrier broken, never
// hang.
#include "../support/processes.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

void campaign(bool actions) {
  const uint32_t kills = kills_wanted();
  Random random;
  const auto segment = make_barrier(3);
  struct Count {
    std::atomic<uint64_t> released, broken;
  };
  auto* count = shared_memory<Count>();
  Victims victims(4, [&](Campaign& all, int lane, uint64_t life) {
    Random own(life);
    const auto mine = open_and_join(segment.get());
    const Barrier barrier = barrier_of(mine.get());
    if (lane == 3 && actions) {
      // Makes it new where it is broken, and breaks it now and then.
      for (;;) {
        if (own.below(16) == 0) barrier_break(barrier);
        barrier_reset(barrier);
        step(&all);
        random_moment(&own);
        random_moment(&own);
      }
    }
    for (;;) {
      const bool can_act = actions && own.below(2) == 0;
      const Arrival arrival = meet(barrier, can_act);
      (arrival == Arrival::released ? count->released : count->broken).fetch_add(1);
      if (barrier.body->broken.load() != 0) barrier_reset(barrier);
      step(&all);
    }
  });
  for (uint32_t i = 0; i < kills; i += 100) {
    until_reaches(count->released, count->released.load() + 3);
    victims.kill_many(100, &random);
  }
  victims.kill_all();
  const Barrier barrier = barrier_of(segment.get());
  barrier_reset(barrier);
  park_tend(barrier.key);
  park_tend(barrier.entrance);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  CHECK_EQUAL(barrier.body->waiting.load(), 0);
  CHECK_EQUAL(barrier.body->acting.load(), 0);
  // Still a barrier: three more parties meet.
  pid_t pids[2];
  for (pid_t& pid : pids) {
    pid = start([&] {
      const auto mine = open_and_join(segment.get());
      CHECK(meet(barrier_of(mine.get()), false) == Arrival::released);
    });
  }
  CHECK(meet(barrier, false) == Arrival::released);
  for (const pid_t pid : pids) join_process(pid);
  note("%u killed, %llu released, %llu broken", kills, static_cast<unsigned long long>(count->released.load()),
       static_cast<unsigned long long>(count->broken.load()));
}

}  // namespace

TEST("kills: parties of a barrier") {
  campaign(false);
}

TEST("kills: parties of a barrier with actions, and those who break it") {
  campaign(true);
}
