// Semaphores between threads: exclusion, exact numbers, bounds, and programs in C on the same sem_t.
#include <semaphore.h>

#include "../../../native/core/header.h"
#include "../support/harness.h"
#include "../support/threads.h"
#include "../support/usage.h"

using namespace native_test;

TEST("semaphore: one permit excludes") {
  constexpr int THREADS = 5, ROUNDS = 2000;
  const auto segment = make_semaphore(1);
  const Semaphore semaphore = semaphore_of(segment.get());
  uint64_t counter = 0;  // plain: ThreadSanitizer tells if the permit orders nothing
  in_threads(THREADS, [&](int) {
    for (int i = 0; i < ROUNDS; ++i) {
      take_permit(semaphore);
      ++counter;
      give_permit(semaphore);
    }
  });
  CHECK_EQUAL(counter, THREADS * ROUNDS);
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), 1);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  note("%d times", THREADS * ROUNDS);
}

TEST("semaphore: never more holders than permits") {
  constexpr int THREADS = 6, ROUNDS = 2000;
  constexpr uint32_t PERMITS = 3;
  const auto segment = make_semaphore(PERMITS, PERMITS);
  const Semaphore semaphore = semaphore_of(segment.get());
  std::atomic<uint32_t> inside{0}, most{0};
  in_threads(THREADS, [&](int) {
    for (int i = 0; i < ROUNDS; ++i) {
      take_permit(semaphore);
      const uint32_t now = inside.fetch_add(1) + 1;
      CHECK(now <= PERMITS);
      if (now > most.load()) most.store(now);
      if (i % 16 == 0) sched_yield();
      inside.fetch_sub(1);
      give_permit(semaphore);
    }
  });
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), PERMITS);
  CHECK_EQUAL(ledger_held_by_all(semaphore.at), 0);
  CHECK(!semaphore_release(semaphore, 0, 1));  // the bound
  note("%u together at most", most.load());
}

// What one thread makes, another uses.
TEST("semaphore: permits handed from thread to thread") {
  constexpr int ITEMS = 5000;
  const auto items = make_semaphore(0), room = make_semaphore(8);
  int ring[8] = {};
  uint64_t sum = 0;
  in_threads(2, [&](int number) {
    for (int i = 0; i < ITEMS; ++i) {
      if (number == 0) {
        take_permit(semaphore_of(room.get()));
        ring[i % 8] = i;
        CHECK(semaphore_release(semaphore_of(items.get()), 0, 1));
      } else {
        take_permit(semaphore_of(items.get()));
        sum += static_cast<uint64_t>(ring[i % 8]);
        CHECK(semaphore_release(semaphore_of(room.get()), 0, 1));
      }
    }
  });
  CHECK_EQUAL(sum, uint64_t{ITEMS} * (ITEMS - 1) / 2);
}

TEST("semaphore: time runs out, and the place in line is free again") {
  const auto segment = make_semaphore(0);
  const Semaphore semaphore = semaphore_of(segment.get());
  uint32_t record = NO_RECORD;
  CHECK(semaphore_wait(semaphore, 0, &record) == Waited::time_up);
  CHECK(record != NO_RECORD);
  CHECK_EQUAL(semaphore.at.ledger->parked.load(), 1);
  CHECK(semaphore_release(semaphore, 0, 1));
  CHECK_EQUAL(park_granted(segment.get(), record), 1);
  semaphore_leave(semaphore, record);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  CHECK_EQUAL(semaphore.at.ledger->parked.load(), 0);
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), 1);
}

TEST("semaphore: releases of many, all or nothing") {
  const auto segment = make_semaphore(2, 10);
  const Semaphore semaphore = semaphore_of(segment.get());
  CHECK(!semaphore_release(semaphore, 0, 9));
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), 2);
  CHECK(semaphore_release(semaphore, 0, 8));
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), 10);
  for (int i = 0; i < 7; ++i) CHECK(semaphore_try(semaphore.at, 0));
  CHECK(semaphore_release(semaphore, 5, 7));  // by another, of what slot 0 holds
  CHECK_EQUAL(ledger_held_by_all(semaphore.at), 0);
}

// Half of the threads know only glibc's sem_t.
TEST("semaphore: together with sem_wait and sem_post") {
  constexpr int THREADS = 4, ROUNDS = 2000;
  ObjectSpec spec;
  spec.object_kind = OBJECT_SEMAPHORE;
  spec.length = sizeof(Ledger);
  spec.element_size = 1;
  spec.posix_semaphore = true;
  std::unique_ptr<Segment> segment;
  CHECK(create_anonymous(SEGMENT_OBJECT, object_shape(spec).size, spec, &segment).ok());
  semaphore_init(semaphore_of(segment.get()), 2, SEMAPHORE_MOST);
  const Semaphore semaphore = semaphore_of(segment.get());
  auto* in_c = reinterpret_cast<sem_t*>(segment->base());
  std::atomic<uint32_t> inside{0};
  in_threads(THREADS, [&](int number) {
    for (int i = 0; i < ROUNDS; ++i) {
      if (number % 2 == 0) take_permit(semaphore);
      else CHECK_EQUAL(sem_wait(in_c), 0);
      CHECK(inside.fetch_add(1) < 2);
      inside.fetch_sub(1);
      if (number % 2 == 0) give_permit(semaphore);
      else CHECK_EQUAL(sem_post(in_c), 0);
    }
  });
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), 2);
  CHECK_EQUAL(ledger_held_by_all(semaphore.at), 0);
  CHECK(!Fields::has_sleepers(semaphore.at.word->load()));
}
