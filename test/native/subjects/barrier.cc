// Barriers between threads: nobody is a round ahead, an action runs once a round and alone, and who leaves breaks it for all.
#include "../support/harness.h"
#include "../support/threads.h"
#include "../support/usage.h"

using namespace native_test;

TEST("barrier: in lockstep") {
  constexpr int THREADS = 5, ROUNDS = 500;
  const auto segment = make_barrier(THREADS);
  const Barrier barrier = barrier_of(segment.get());
  int done[THREADS] = {};  // plain: ThreadSanitizer tells if a round orders nothing
  in_threads(THREADS, [&](int number) {
    for (int round = 1; round <= ROUNDS; ++round) {
      done[number] = round;
      CHECK(meet(barrier, false) == Arrival::released);
      for (const int each : done) CHECK_EQUAL(each, round);
      CHECK(meet(barrier, false) == Arrival::released);
    }
  });
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  note("%d rounds", 2 * ROUNDS);
}

TEST("barrier: an action a round") {
  constexpr int THREADS = 4, ROUNDS = 500;
  const auto segment = make_barrier(THREADS);
  const Barrier barrier = barrier_of(segment.get());
  static int actions = 0;
  in_threads(THREADS, [&](int number) {
    for (int round = 1; round <= ROUNDS; ++round) {
      // One party has the action, whoever comes last.
      CHECK(meet(barrier, number == round % THREADS, [] { ++actions; }) == Arrival::released);
      CHECK(actions >= round);
      CHECK(meet(barrier, false) == Arrival::released);
      CHECK_EQUAL(actions, round);
      CHECK(meet(barrier, false) == Arrival::released);
    }
  });
  CHECK_EQUAL(actions, ROUNDS);
}

TEST("barrier: indices are the order of arrival") {
  const auto segment = make_barrier(3);
  const Barrier barrier = barrier_of(segment.get());
  uint32_t records[2] = {NO_RECORD, NO_RECORD}, last = NO_RECORD, index = 9;
  CHECK(barrier_arrive(barrier, false, &records[0], &index) == Arrival::waits);
  CHECK_EQUAL(index, 0);
  CHECK(barrier_arrive(barrier, false, &records[1], &index) == Arrival::waits);
  CHECK_EQUAL(index, 1);
  CHECK_EQUAL(barrier.body->waiting.load(), 2);
  CHECK(barrier_look(barrier, records[0]) == Arrival::waits);
  CHECK(barrier_arrive(barrier, false, &last, &index) == Arrival::released);
  CHECK_EQUAL(index, 2);
  CHECK_EQUAL(last, NO_RECORD);
  for (const uint32_t record : records) CHECK(barrier_look(barrier, record) == Arrival::released);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
}

TEST("barrier: broken, and made new") {
  const auto segment = make_barrier(3);
  const Barrier barrier = barrier_of(segment.get());
  uint32_t records[2], index;
  const auto two_arrive = [&] {
    for (uint32_t& record : records) {
      record = NO_RECORD;
      CHECK(barrier_arrive(barrier, false, &record, &index) == Arrival::waits);
    }
  };
  two_arrive();
  CHECK(barrier_leave(barrier, records[0]) == Arrival::broken);
  CHECK(barrier_look(barrier, records[1]) == Arrival::broken);
  uint32_t late = NO_RECORD;
  CHECK(barrier_arrive(barrier, false, &late, &index) == Arrival::broken);
  barrier_reset(barrier);
  two_arrive();
  barrier_reset(barrier);
  for (const uint32_t record : records) CHECK(barrier_look(barrier, record) == Arrival::broken);
  two_arrive();
  barrier_break(barrier);
  for (const uint32_t record : records) CHECK(barrier_look(barrier, record) == Arrival::broken);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
}

// Who comes while an action runs waits before the entrance.
TEST("barrier: too early") {
  const auto segment = make_barrier(1);
  const Barrier barrier = barrier_of(segment.get());
  uint32_t actor = NO_RECORD, early = NO_RECORD, index;
  CHECK(barrier_arrive(barrier, true, &actor, &index) == Arrival::acts);
  CHECK(barrier_arrive(barrier, true, &early, &index) == Arrival::too_early);
  CHECK(barrier_release(barrier, actor));
  CHECK(barrier_arrive(barrier, true, &early, &index) == Arrival::acts);
  CHECK(barrier_release(barrier, early));
}
