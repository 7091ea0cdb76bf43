// The watcher: tells each listener once when what it waits for looks ready, and never one that has gone.
#include "../../../native/core/watcher.h"

#include <functional>
#include <memory>
#include <mutex>

#include "../../../native/core/mutex.h"
#include "../../../native/core/watched_waits.h"
#include "../support/harness.h"
#include "../support/threads.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

struct Listener : WatchListener {
  std::atomic<uint32_t> told{0}, last{0};
  void looks_ready(uint32_t token) override {
    last.store(token);
    told.fetch_add(1);
  }
};

}  // namespace

TEST("watcher: tells when a lock is free") {
  const auto segment = make_object(OBJECT_LOCK, 0, LOCK_PLAIN);
  LockWord* lock = mutex_of(segment.get());
  Listener listener;
  for (uint32_t round = 1; round <= 200; ++round) {
    pthread_mutex_lock(&lock->mutex);
    watch(watched_lock(lock), &listener, round);
    CHECK_EQUAL(listener.told.load(), round - 1);
    pthread_mutex_unlock(&lock->mutex);
    after_unlock(lock);
    until([&] { return listener.told.load() == round; });
    CHECK_EQUAL(listener.last.load(), round);
  }
}

TEST("watcher: tells of a grant, of a permit, of an event and of readers that have gone") {
  Listener listener;
  uint32_t token = 0;
  const auto ready_after = [&](const WaitKey& key, WaitKind kind, uint64_t offset, const LockWord* lock, uint32_t seen,
                               const std::function<void()>& act) {
    uint32_t record = NO_RECORD;
    CHECK(park(key, nullptr, 0, &record) == Parked::waiting);
    watch(watched_record(kind, key, record, offset, lock, seen), &listener, ++token);
    act();
    until([&] { return listener.told.load() == token; });
    CHECK_EQUAL(listener.last.load(), token);
    bool freed;
    park_leave(key, record, &freed);
  };
  const auto place = make_object(OBJECT_CONDITION, 64);
  const auto semaphore = make_semaphore(0);
  const auto event = make_event();
  const auto lock = make_rwlock();
  for (int i = 0; i < 50; ++i) {
    ready_after(key_of(place.get()), WaitKind::grant, 0, nullptr, 0, [&] { CHECK_EQUAL(unpark(key_of(place.get()), 1), 1); });
    const Semaphore permits = semaphore_of(semaphore.get());
    ready_after(permits.key, WaitKind::semaphore, permits.key.key, nullptr, 0, [&] { semaphore_release(permits, 0, 1); });
    take_permit(permits);
    const Event happens = event_of(event.get());
    ready_after(happens.key, WaitKind::event, happens.key.key, nullptr, happens.body->word.load(), [&] {
      event_set(happens);
      event_clear(happens);
    });
    const RwLock rwlock = rwlock_of(lock.get());
    begin_reading(lock.get());
    pthread_mutex_lock(&mutex_of(lock.get())->mutex);
    CHECK(!write_enter(rwlock, true));
    ready_after(rwlock.writer, WaitKind::write, rwlock.readers.key, mutex_of(lock.get()), 0, [&] { end_reading(lock.get()); });
    CHECK(write_enter(rwlock, true));
    ready_after(rwlock.readers, WaitKind::read, rwlock.readers.key, mutex_of(lock.get()), 0, [&] { end_writing(lock.get()); });
  }
  note("%u told", token);
}

// The tick, not the unlock, serves what is beyond one call of the kernel.
TEST("watcher: more waits than one call can watch") {
  constexpr uint32_t WAITS = 300;
  const auto segment = make_object(OBJECT_CONDITION, 64);
  const WaitKey key = key_of(segment.get());
  Listener listener;
  std::vector<uint32_t> records(WAITS, NO_RECORD);
  for (uint32_t i = 0; i < WAITS; ++i) {
    CHECK(park(key, nullptr, 0, &records[i]) == Parked::waiting);
    watch(watched_record(WaitKind::grant, key, records[i], 0, nullptr, 0), &listener, i);
  }
  CHECK_EQUAL(unpark(key, ALL), WAITS);
  until([&] { return listener.told.load() == WAITS; });
}

TEST("watcher: who was forgotten is not told, and may be gone") {
  constexpr int THREADS = 4, ROUNDS = 200;
  const auto segment = make_object(OBJECT_CONDITION, 64);
  std::atomic<uint32_t> told{0};
  in_threads(THREADS, [&](int number) {
    const WaitKey key = key_of(segment.get(), static_cast<uint64_t>(number) * 8);
    for (int round = 0; round < ROUNDS; ++round) {
      auto listener = std::make_unique<Listener>();  // freed memory: the sanitizers tell if it is called afterwards
      uint32_t records[2] = {NO_RECORD, NO_RECORD};
      for (uint32_t i = 0; i < 2; ++i) {
        CHECK(park(key, nullptr, 0, &records[i]) == Parked::waiting);
        watch(watched_record(WaitKind::grant, key, records[i], 0, nullptr, 0), listener.get(), i);
      }
      unpark(key, round % 3 == 0 ? ALL : 1);
      if (round % 2 == 0) unwatch(listener.get(), 0);
      unwatch_all(listener.get());
      told.fetch_add(listener->told.load());
      CHECK(listener->told.load() <= 2);
      listener.reset();
      bool freed;
      for (const uint32_t record : records) park_leave(key, record, &freed);
    }
  });
  note("%u told before", told.load());
}
