// Readers and writers in threads: never a writer beside anybody else.
#include "../support/harness.h"
#include "../support/threads.h"
#include "../support/usage.h"

using namespace native_test;

TEST("rwlock: writers alone, readers together") {
  constexpr int READERS = 4, WRITERS = 2, ROUNDS = 700;
  const auto segment = make_rwlock();
  uint64_t one = 0, two = 0;  // plain: ThreadSanitizer tells if the lock orders nothing
  std::atomic<uint32_t> reading{0}, most{0};
  in_threads(READERS + WRITERS, [&](int number) {
    for (int i = 0; i < ROUNDS; ++i) {
      if (number < WRITERS) {
        begin_writing(segment.get());
        CHECK_EQUAL(reading.load(), 0);
        ++one;
        ++two;
        end_writing(segment.get());
      } else {
        begin_reading(segment.get());
        const uint32_t now = reading.fetch_add(1) + 1;
        if (now > most.load()) most.store(now);
        CHECK_EQUAL(one, two);
        if (i % 16 == 0) sched_yield();
        reading.fetch_sub(1);
        end_reading(segment.get());
      }
    }
  });
  CHECK_EQUAL(one, WRITERS * ROUNDS);
  const RwLock lock = rwlock_of(segment.get());
  CHECK_EQUAL(rwlock_value(lock), 0);
  CHECK_EQUAL(ledger_held_by_all(lock.at), 0);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  note("%u readers together at most", most.load());
}

TEST("rwlock: a writer that waits keeps new readers out") {
  const auto segment = make_rwlock();
  const RwLock lock = rwlock_of(segment.get());
  begin_reading(segment.get());
  in_threads(2, [&](int number) {
    if (number == 0) {
      begin_writing(segment.get());
      end_writing(segment.get());
      return;
    }
    until([&] { return (rwlock_value(lock) & RW_WAITS) != 0; });
    CHECK(!read_try(lock.at, 0, false));
    end_reading(segment.get());
  });
  CHECK(try_reading(segment.get()));
  end_reading(segment.get());
}

TEST("rwlock: a writer that only tries lets new readers in") {
  const auto segment = make_rwlock();
  const RwLock lock = rwlock_of(segment.get());
  begin_reading(segment.get());
  CHECK(!write_enter(lock, false));
  CHECK(try_reading(segment.get()));
  end_reading(segment.get());
  end_reading(segment.get());
  CHECK(write_enter(lock, false));
  write_leave(lock);
}

TEST("rwlock: who writes may read too") {
  const auto segment = make_rwlock();
  const RwLock lock = rwlock_of(segment.get());
  begin_writing(segment.get());
  CHECK(!read_try(lock.at, 0, false));
  CHECK(read_try(lock.at, 0, true));
  CHECK_EQUAL(rwlock_value(lock), RW_INSIDE | 1);
  write_leave(lock);
  CHECK_EQUAL(rwlock_value(lock), 1);
  CHECK(read_release(lock.at, 0) == ReadReleased::done);
  CHECK(read_release(lock.at, 0) == ReadReleased::other);
  pthread_mutex_unlock(&mutex_of(segment.get())->mutex);
}
