// The parking lot: where threads wait for things in shared memory, and are woken by others. One in each segment; a record for each waiter.
//
// Who gives a wake-up writes it into the waiter's record and never waits for the waiter: no handshake that a death could interrupt. A
// record whose process is dead gets none; one that had got its wake-up and died before it used it (park_tend) passes it on.
//
// All functions need the segment mapped and may be called by any thread.
#ifndef SHAREDCTYPES_CORE_PARKING_H
#define SHAREDCTYPES_CORE_PARKING_H

#include "futex.h"
#include "segment.h"

namespace sharedctypes {

constexpr uint32_t NO_RECORD = UINT32_MAX;
constexpr uint32_t ALL = UINT32_MAX;

ParkingLot* parking_lot(const Segment* segment);
WaitRecord* wait_records(const Segment* segment);
uint32_t record_limit(const Segment* segment);
// No record at this index or behind it is in use.
uint32_t used_records(const Segment* segment);

// What is waited for: a place in the segment, and where the number of its records is kept (null: nowhere).
struct WaitKey {
  const Segment* segment;
  uint64_t key;
  std::atomic<uint32_t>* parked;
};

// Holds the mutex of a lot, and first finishes what a dead holder had begun.
class LotLock {
 public:
  explicit LotLock(const Segment* segment);
  ~LotLock();
  LotLock(const LotLock&) = delete;
  LotLock& operator=(const LotLock&) = delete;

 private:
  pthread_mutex_t* mutex_;
};

enum class Parked { waiting, changed, full };

// Gets in line, provided that `word` (may be null) still has the value `expected`: looked at after the record can be seen. With a `record`
// of this thread's for the same key: one more wait that it stands for.
Parked park(const WaitKey& key, const std::atomic<uint32_t>* word, uint32_t expected, uint32_t* record);
// A new record, for who holds the mutex.
Parked park_locked(const WaitKey& key, uint32_t* record);

// Sleeps until something is granted, or `also` (may be null) no longer has its value, or time is up. Spins first.
void park_sleep(const Segment* segment, uint32_t record, int64_t nanoseconds, const WaitWord* also);

inline uint32_t grants_of(const WaitRecord* record) {
  return record->word.load() >> 1;
}
inline uint32_t park_granted(const Segment* segment, uint32_t record) {
  return grants_of(&wait_records(segment)[record]);
}

// Uses up all that was granted; says how much. The record is free when it stands for no wait any more.
uint32_t park_take(const WaitKey& key, uint32_t record, bool* freed);
// One wait less. True: it had been granted, and the grant is used up.
bool park_leave(const WaitKey& key, uint32_t record, bool* freed);
// Forgets what was granted and waits on, in the old place of the line: for those who did not get what they were woken for.
inline void park_again(const Segment* segment, uint32_t record) {
  wait_records(segment)[record].word.exchange(0);
}

// Grants a wake-up to `count` waits, oldest first, of living waiters; says to how many. ALL reaches everybody who is in line at this
// moment, or, if we are killed at once, nobody.
uint32_t unpark(const WaitKey& key, uint32_t count);
// The same for who holds the mutex; the words to wake are collected, to be woken after it is released. With ALL, `outcome` goes into the
// records.
class Wakes;
uint32_t unpark_locked(const WaitKey& key, uint32_t count, Wakes* wakes, uint32_t outcome = NO_HEIRS);

// For a thread that ends while it waits: frees its record and passes on what it was granted.
void park_abandon(const WaitKey& key, uint32_t record);

// Passes on what was granted to waiters that have died since, and forgets them. Called by waiters now and then.
void park_tend(const WaitKey& key);

// Frees the records of a slot whose process is dead or leaves; what it had been granted passes on.
void park_sweep(const Segment* segment, uint32_t slot);

// Futex words to wake.
class Wakes {
 public:
  ~Wakes();
  void add(std::atomic<uint32_t>* word);

 private:
  static constexpr size_t AT_ONCE = 16;
  std::atomic<uint32_t>* words_[AT_ONCE];
  size_t count_ = 0;
};

// Makes a record free for the next waiter. Under the mutex.
void free_record(const Segment* segment, WaitRecord* record);
// Adds grants to a record. Under the mutex.
void grant(WaitRecord* record, uint32_t count, Wakes* wakes);

// Calls `each(record)` for the records of a key that are in use. Under the mutex.
template <typename Each>
void for_each_record(const Segment* segment, uint64_t key, Each each) {
  WaitRecord* records = wait_records(segment);
  const uint32_t used = used_records(segment);
  for (uint32_t i = 0; i < used; ++i) {
    if (records[i].key.load() == key) each(&records[i]);
  }
}

}  // namespace sharedctypes

#endif
