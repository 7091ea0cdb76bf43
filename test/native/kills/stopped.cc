// Processes that stand still (SIGSTOP) are not dead: nothing is taken from them.
#include <sched.h>
#include <unistd.h>

#include <cerrno>

#include "../../../native/core/mutex.h"
#include "../../../native/core/slots.h"
#include "../support/processes.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

std::atomic<uint64_t>* counter() {
  return shared_memory<std::atomic<uint64_t>>();
}

}  // namespace

TEST("stopped: a holder of permits keeps them, in the middle of an operation or not") {
  const uint32_t rounds = options().long_run ? 5000 : 500;
  constexpr uint32_t PERMITS = 3;
  Random random;
  const auto segment = make_semaphore(PERMITS, PERMITS);
  const Semaphore semaphore = semaphore_of(segment.get());
  auto* progress = counter();
  const pid_t pid = start([&] {
    const auto mine = open_and_join(segment.get());
    for (;;) {
      take_permit(semaphore_of(mine.get()));
      progress->fetch_add(1);
      give_permit(semaphore_of(mine.get()));
    }
  });
  uint32_t holding = 0;
  for (uint32_t i = 0; i < rounds; ++i) {
    until_reaches(*progress, progress->load() + 1);
    random_moment(&random);
    stop_process(pid);
    // Whatever it was doing, the number and what it holds are of one moment, and stay.
    const uint64_t held = ledger_held_by_all(semaphore.at);
    CHECK_EQUAL(Fields::value(semaphore.at.word->load()) + held, PERMITS);
    CHECK(held <= 1);
    holding += held == 1 ? 1 : 0;
    for (uint32_t k = 0; k < PERMITS - held; ++k) CHECK(semaphore_try(semaphore.at, 0));
    // Stopped inside the lot's mutex it would keep us waiting, as any holder of a mutex does.
    if (mutex_owner_tid(&parking_lot(segment.get())->mutex) == 0) semaphore_tend(semaphore);
    CHECK(!semaphore_try(semaphore.at, 0));
    CHECK_EQUAL(ledger_held_by_all(semaphore.at), PERMITS);
    CHECK_EQUAL(ledger_held(semaphore.at, 0), PERMITS - held);
    for (uint32_t k = 0; k < PERMITS - held; ++k) CHECK(semaphore_release_own(semaphore.at, 0) != Released::other);
    continue_process(pid);
  }
  kill_process(pid);
  semaphore_tend(semaphore);
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), PERMITS);
  note("%u times stopped, %u of them holding", rounds, holding);
}

TEST("stopped: a waiter keeps its place, and the wake-up it was given") {
  const uint32_t rounds = 200;
  const auto segment = make_object(OBJECT_CONDITION, 64);
  const WaitKey key = key_of(segment.get());
  auto* parked = counter();
  auto* woken = counter();
  const pid_t pid = start([&] {
    const auto mine = open_and_join(segment.get());
    for (;;) {
      uint32_t record = NO_RECORD;
      CHECK(park(key_of(mine.get()), nullptr, 0, &record) == Parked::waiting);
      parked->fetch_add(1);
      // Without looking after the dead: it is stopped here, where it holds no mutex.
      while (park_granted(mine.get(), record) == 0) park_sleep(mine.get(), record, SLICE, nullptr);
      bool freed;
      CHECK(park_leave(key_of(mine.get()), record, &freed));
      woken->fetch_add(1);
    }
  });
  for (uint32_t i = 1; i <= rounds; ++i) {
    until_reaches(*parked, i);
    stop_process(pid);
    uint32_t behind = NO_RECORD;
    CHECK(park(key, nullptr, 0, &behind) == Parked::waiting);
    CHECK_EQUAL(unpark(key, 1), 1);
    park_tend(key);
    CHECK_EQUAL(park_granted(segment.get(), behind), 0);  // the stopped one was there first
    CHECK_EQUAL(woken->load(), i - 1);
    continue_process(pid);
    until_reaches(*woken, i);
    bool freed;
    CHECK(!park_leave(key, behind, &freed));
  }
  until_reaches(*parked, rounds + 1);
  kill_process(pid);
  park_tend(key);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  note("%u times", rounds);
}

TEST("stopped: a party of a barrier, a reader and a writer are waited for") {
  const auto meeting = make_barrier(2), lock = make_rwlock();
  auto* step = counter();
  const pid_t pid = start([&] {
    const auto there = open_and_join(meeting.get()), locked = open_and_join(lock.get());
    begin_reading(locked.get());
    uint32_t record = NO_RECORD, index;
    CHECK(barrier_arrive(barrier_of(there.get()), false, &record, &index) == Arrival::waits);
    step->store(1);
    while (step->load() != 2) sched_yield();
    end_reading(locked.get());
    begin_writing(locked.get());
    step->store(3);
    while (step->load() != 4) sched_yield();
    end_writing(locked.get());
    CHECK(barrier_look(barrier_of(there.get()), record) == Arrival::released);
  });
  until_reaches(*step, 1);
  stop_process(pid);
  const Barrier barrier = barrier_of(meeting.get());
  barrier_tend(barrier);
  CHECK_EQUAL(barrier.body->broken.load(), 0);
  CHECK_EQUAL(barrier.body->waiting.load(), 1);
  const RwLock rwlock = rwlock_of(lock.get());
  CHECK(pthread_mutex_lock(&mutex_of(lock.get())->mutex) == 0);
  CHECK(!write_enter(rwlock, true));
  rwlock_tend(rwlock);
  CHECK(!write_enter(rwlock, true));
  end_writing(lock.get());
  uint32_t record = NO_RECORD, index;
  CHECK(barrier_arrive(barrier, false, &record, &index) == Arrival::released);
  step->store(2);
  continue_process(pid);
  until_reaches(*step, 3);
  stop_process(pid);
  CHECK(!try_reading(lock.get()));
  CHECK_EQUAL(pthread_mutex_trylock(&mutex_of(lock.get())->mutex), EBUSY);
  continue_process(pid);
  step->store(4);
  join_process(pid);
  CHECK(try_reading(lock.get()));
}
