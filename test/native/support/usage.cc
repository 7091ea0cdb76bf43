#include "usage.h"

#include <cerrno>

#include "../../../native/core/mutex.h"
#include "harness.h"

namespace native_test {

void take_permit(const Semaphore& semaphore) {
  if (semaphore_try(semaphore.at, semaphore.key.segment->slot)) return;
  uint32_t record = NO_RECORD;
  for (;;) {
    const Waited waited = semaphore_wait(semaphore, SLICE, &record);
    if (waited == Waited::taken) return;
    CHECK(waited == Waited::time_up);
  }
}

void give_permit(const Semaphore& semaphore) {
  switch (semaphore_release_own(semaphore.at, semaphore.key.segment->slot)) {
    case Released::done:
      return;
    case Released::wake:
      return semaphore_pass_on(semaphore);
    case Released::other:
      CHECK(semaphore_release(semaphore, semaphore.key.segment->slot, 1));
  }
}

void wait_for_event(const Event& event) {
  const uint32_t seen = event.body->word.load();
  if (event_is_set(seen)) return;
  uint32_t record = NO_RECORD;
  CHECK(park(event.key, nullptr, 0, &record) == Parked::waiting);
  for (;;) {
    park_again(event.key.segment, record);
    if (event_since(event, seen)) break;
    park_sleep(event.key.segment, record, SLICE, nullptr);
    park_tend(event.key);
  }
  bool freed;
  park_leave(event.key, record, &freed);
}

Arrival meet(const Barrier& barrier, bool can_act, void (*action)()) {
  uint32_t record = NO_RECORD, index = 0;
  Arrival arrival;
  while ((arrival = barrier_arrive(barrier, can_act, &record, &index)) == Arrival::too_early) {
    uint32_t place = NO_RECORD;
    if (park(barrier.entrance, &barrier.body->acting, 1, &place) != Parked::waiting) continue;
    sleep_in_line(barrier.entrance, place, [&] {
      barrier_tend(barrier);
      return barrier.body->acting.load() == 0;
    });
  }
  while (arrival == Arrival::waits) {
    park_sleep(barrier.key.segment, record, SLICE, nullptr);
    if (park_granted(barrier.key.segment, record) > 0) arrival = barrier_look(barrier, record);
    else barrier_tend(barrier);
  }
  if (arrival == Arrival::acts) {
    if (action != nullptr) action();
    arrival = barrier_release(barrier, record) ? Arrival::released : Arrival::broken;
  }
  CHECK(arrival == Arrival::released || arrival == Arrival::broken);
  return arrival;
}

namespace {

// 0, or EBUSY where `wait` is false.
int lock_mutex(LockWord* lock, bool wait) {
  for (;;) {
    const int error = wait ? mutex_lock_for(&lock->mutex, SLICE) : pthread_mutex_trylock(&lock->mutex);
    if (error == EOWNERDEAD) CHECK_EQUAL(pthread_mutex_consistent(&lock->mutex), 0);
    if (error == 0 || error == EOWNERDEAD) return 0;
    if (!wait && error == EBUSY) return error;
    CHECK_EQUAL(error, ETIMEDOUT);
  }
}

void unlock_mutex(LockWord* lock) {
  CHECK_EQUAL(pthread_mutex_unlock(&lock->mutex), 0);
  after_unlock(lock);
}

bool enter(const RwLock& lock) {
  if (write_enter(lock, true)) return true;
  rwlock_tend(lock);
  return write_enter(lock, true);
}

}  // namespace

bool try_reading(const Segment* segment) {
  const RwLock lock = rwlock_of(segment);
  if (read_try(lock.at, segment->slot, false)) return true;
  rwlock_tend(lock);
  if ((rwlock_value(lock) & ~RW_READERS) == 0) return read_try(lock.at, segment->slot, false);
  // A writer's bits, and nobody has the mutex: it died.
  LockWord* mutex = mutex_of(segment);
  if (mutex_owner_tid(&mutex->mutex) != 0 || lock_mutex(mutex, false) != 0) return false;
  const bool passed = read_try(lock.at, segment->slot, true);
  write_leave(lock);
  unlock_mutex(mutex);
  return passed;
}

void begin_reading(const Segment* segment) {
  const RwLock lock = rwlock_of(segment);
  if (read_try(lock.at, segment->slot, false) || try_reading(segment)) return;
  uint32_t record = NO_RECORD;
  CHECK(park(lock.readers, nullptr, 0, &record) == Parked::waiting);
  for (;;) {
    park_again(segment, record);
    if (try_reading(segment)) break;
    park_sleep(segment, record, SLICE, nullptr);
  }
  bool freed;
  park_leave(lock.readers, record, &freed);
}

void end_reading(const Segment* segment) {
  const RwLock lock = rwlock_of(segment);
  const ReadReleased released = read_release(lock.at, segment->slot);
  CHECK(released != ReadReleased::other);
  if (released == ReadReleased::wake) read_wake(lock);
}

void begin_writing(const Segment* segment) {
  const RwLock lock = rwlock_of(segment);
  lock_mutex(mutex_of(segment), true);
  if (enter(lock)) return;
  uint32_t record = NO_RECORD;
  CHECK(park(lock.writer, nullptr, 0, &record) == Parked::waiting);
  for (;;) {
    park_again(segment, record);
    if (enter(lock)) break;
    park_sleep(segment, record, SLICE, nullptr);
  }
  bool freed;
  park_leave(lock.writer, record, &freed);
}

void end_writing(const Segment* segment) {
  write_leave(rwlock_of(segment));
  unlock_mutex(mutex_of(segment));
}

}  // namespace native_test
