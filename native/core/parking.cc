#include "parking.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>

#include "mutex.h"
#include "slots.h"
#include "spin.h"

namespace sharedctypes {

ParkingLot* parking_lot(const Segment* segment) {
  return reinterpret_cast<ParkingLot*>(segment->base() + segment->header()->lot_offset);
}

WaitRecord* wait_records(const Segment* segment) {
  return reinterpret_cast<WaitRecord*>(parking_lot(segment) + 1);
}

uint32_t record_limit(const Segment* segment) {
  return static_cast<uint32_t>((segment->header()->lot_size - sizeof(ParkingLot)) / sizeof(WaitRecord));
}

uint32_t used_records(const Segment* segment) {
  // Untrusted: it may not lead outside the lot.
  return std::min(parking_lot(segment)->used.load(), record_limit(segment));
}

void Wakes::add(std::atomic<uint32_t>* word) {
  // More than there is room for: woken at once, while the mutex is held.
  if (count_ == AT_ONCE) futex_wake(word, INT_MAX);
  else words_[count_++] = word;
}

Wakes::~Wakes() {
  // The record may be another waiter's by now, who is then woken in vain and looks again.
  for (size_t i = 0; i < count_; ++i) futex_wake(words_[i], INT_MAX);
}

void grant(WaitRecord* record, uint32_t count, Wakes* wakes) {
  if (record->word.fetch_add(count << 1) & 1) wakes->add(&record->word);
}

namespace {

void count_parked(const WaitKey& key) {
  if (key.parked == nullptr) return;
  uint32_t count = 0;
  for_each_record(key.segment, key.key, [&](WaitRecord*) { ++count; });
  key.parked->store(count);
}

// To all records of the key that came before `ticket`. Can be done again: a record that has all its grants gets no more.
uint32_t broadcast(const Segment* segment, uint64_t key, uint64_t ticket, uint32_t outcome, Wakes* wakes) {
  Liveness liveness(segment);
  uint32_t woken = 0;
  for_each_record(segment, key, [&](WaitRecord* record) {
    const uint32_t granted = grants_of(record), count = record->count.load();
    if (record->ticket.load() >= ticket || granted >= count) return;
    if (liveness.alive(record->slot.load())) woken += count - granted;
    record->outcome.store(outcome);
    grant(record, count - granted, wakes);
  });
  return woken;
}

// What a dead waiter leaves: wake-ups that it was given and did not use, and to whom they go.
struct Estate {
  uint32_t grants = 0;
  uint32_t heirs = NO_HEIRS;
};

// Makes a dead waiter's record one that gets no more. What it leaves is passed on before the record is freed. Killed in between, it is
// passed on again: rather a wake-up too many than one too few.
Estate close_estate(WaitRecord* record) {
  const uint32_t granted = grants_of(record), heirs = record->outcome.load();
  record->count.store(granted);
  return heirs < FIRST_TICKET ? Estate{} : Estate{granted, heirs};
}

// The oldest living waiter that has not got all its grants. Dead ones on the way are forgotten, but for those who leave something.
// Of heirs only, if not NO_HEIRS.
WaitRecord* oldest(const WaitKey& key, Liveness* liveness, uint32_t heirs) {
  for (uint64_t after = 0;;) {
    WaitRecord* first = nullptr;
    for_each_record(key.segment, key.key, [&](WaitRecord* record) {
      const uint64_t ticket = record->ticket.load();
      if (grants_of(record) >= record->count.load() || ticket < after) return;
      if (heirs != NO_HEIRS && static_cast<int32_t>(static_cast<uint32_t>(ticket) - heirs) >= 0) return;
      if (first == nullptr || ticket < first->ticket.load()) first = record;
    });
    if (first == nullptr || liveness->alive(first->slot.load())) return first;
    after = first->ticket.load() + 1;
    if (grants_of(first) == 0) free_record(key.segment, first);
  }
}

// Grants to `count` waits, oldest first; says to how many.
uint32_t grant_oldest(const WaitKey& key, uint32_t count, uint32_t heirs, Wakes* wakes) {
  Liveness liveness(key.segment);
  uint32_t left = count;
  while (left > 0) {
    WaitRecord* first = oldest(key, &liveness, heirs);
    if (first == nullptr) break;
    const uint32_t some = std::min(left, first->count.load() - grants_of(first));
    first->outcome.store(std::max(FIRST_TICKET, static_cast<uint32_t>(parking_lot(key.segment)->next_ticket.load())));
    grant(first, some, wakes);
    left -= some;
  }
  count_parked(key);
  return count - left;
}

// Passes on what the waiter of a record leaves, and frees it.
void bury(const WaitKey& key, WaitRecord* record, Wakes* wakes) {
  const Estate estate = close_estate(record);
  if (estate.grants > 0) grant_oldest(key, estate.grants, estate.heirs, wakes);
  free_record(key.segment, record);
}

// Of all records in use, whatever they wait for.
template <typename Which>
void bury_all(const Segment* segment, Wakes* wakes, Which which) {
  WaitRecord* records = wait_records(segment);
  for (uint32_t i = used_records(segment); i-- > 0;) {
    const uint64_t key = records[i].key.load();
    if (key != 0 && which(&records[i])) bury({segment, key, nullptr}, &records[i], wakes);
  }
}

}  // namespace

void free_record(const Segment* segment, WaitRecord* record) {
  record->key.store(0);
  ParkingLot* lot = parking_lot(segment);
  uint32_t used = used_records(segment);
  while (used > 0 && wait_records(segment)[used - 1].key.load() == 0) --used;
  lot->used.store(used);
}

LotLock::LotLock(const Segment* segment) : mutex_(&parking_lot(segment)->mutex) {
  const int error = mutex_lock_soon(mutex_);
  if (error == 0) return;
  if (error != EOWNERDEAD) abort();  // EDEADLK or ENOTRECOVERABLE: the lot is broken by something that is not ours
  pthread_mutex_consistent(mutex_);
  ParkingLot* lot = parking_lot(segment);
  if (const uint64_t key = lot->unfinished_key.load()) {
    Wakes wakes;
    broadcast(segment, key, lot->unfinished_ticket.load(), lot->unfinished_outcome.load(), &wakes);
    lot->unfinished_key.store(0);
  }
}

LotLock::~LotLock() {
  pthread_mutex_unlock(mutex_);
}

Parked park_locked(const WaitKey& key, uint32_t* record) {
  WaitRecord* records = wait_records(key.segment);
  ParkingLot* lot = parking_lot(key.segment);
  const uint32_t limit = record_limit(key.segment);
  const auto first_free = [&] {
    uint32_t at = 0;
    while (at < limit && records[at].key.load() != 0) ++at;
    return at;
  };
  uint32_t at = first_free();
  if (at == limit) {
    Wakes wakes;
    Liveness liveness(key.segment);
    bury_all(key.segment, &wakes, [&](const WaitRecord* record) { return !liveness.alive(record->slot.load()); });
    at = first_free();
    if (at == limit) return Parked::full;
  }
  WaitRecord* mine = &records[at];
  mine->word.store(0);
  mine->slot.store(signature(key.segment));
  mine->ticket.store(lot->next_ticket.fetch_add(1));
  mine->count.store(1);
  mine->outcome.store(0);
  if (lot->used.load() <= at) lot->used.store(at + 1);
  mine->key.store(key.key);
  count_parked(key);
  *record = at;
  return Parked::waiting;
}

Parked park(const WaitKey& key, const std::atomic<uint32_t>* word, uint32_t expected, uint32_t* record) {
  const LotLock lock(key.segment);
  const auto changed = [&] { return word != nullptr && word->load() != expected; };
  if (changed()) return Parked::changed;
  if (*record != NO_RECORD) {
    wait_records(key.segment)[*record].count.fetch_add(1);
    return Parked::waiting;
  }
  uint32_t mine = NO_RECORD;
  if (park_locked(key, &mine) == Parked::full) return Parked::full;
  // Once more, now that we can be seen: whoever changes the word looks at `parked` afterwards and does not take the mutex if it is 0.
  if (changed()) {
    free_record(key.segment, &wait_records(key.segment)[mine]);
    count_parked(key);
    return Parked::changed;
  }
  *record = mine;
  return Parked::waiting;
}

void park_sleep(const Segment* segment, uint32_t record, int64_t nanoseconds, const WaitWord* also) {
  std::atomic<uint32_t>& word = wait_records(segment)[record].word;
  const auto* other = also == nullptr ? nullptr : reinterpret_cast<const std::atomic<uint32_t>*>(also->address);
  const auto done = [&] { return word.load() > 1 || (other != nullptr && other->load() != also->value); };
  if (spin_until(done)) return;
  uint32_t seen = 0;
  if (!word.compare_exchange_strong(seen, 1) && seen != 1) return;
  if (also != nullptr) {
    const WaitWord words[] = {wait_word(&word, 1), *also};
    if (futex_wait_any(words, 2, nanoseconds)) return;
  }
  futex_wait(&word, 1, nanoseconds);
}

uint32_t park_take(const WaitKey& key, uint32_t record, bool* freed) {
  const LotLock lock(key.segment);
  WaitRecord* mine = &wait_records(key.segment)[record];
  const uint32_t granted = mine->word.exchange(0) >> 1;
  *freed = false;
  if (granted == 0) return 0;
  const uint32_t left = mine->count.load() - granted;
  *freed = left == 0;
  if (left > 0) {
    mine->count.store(left);
    mine->outcome.store(0);
    mine->ticket.store(parking_lot(key.segment)->next_ticket.fetch_add(1));  // others' turn first
  } else {
    free_record(key.segment, mine);
  }
  count_parked(key);
  return granted;
}

bool park_leave(const WaitKey& key, uint32_t record, bool* freed) {
  const LotLock lock(key.segment);
  WaitRecord* mine = &wait_records(key.segment)[record];
  const uint32_t count = mine->count.load();
  const bool granted = grants_of(mine) >= count;
  *freed = count == 1;
  if (count > 1) {
    if (granted) mine->word.fetch_sub(2);
    mine->count.store(count - 1);
  } else {
    free_record(key.segment, mine);
    count_parked(key);
  }
  return granted;
}

void park_abandon(const WaitKey& key, uint32_t record) {
  Wakes wakes;
  const LotLock lock(key.segment);
  bury(key, &wait_records(key.segment)[record], &wakes);
  count_parked(key);
}

uint32_t unpark_locked(const WaitKey& key, uint32_t count, Wakes* wakes, uint32_t outcome) {
  if (count != ALL) return grant_oldest(key, count, NO_HEIRS, wakes);
  ParkingLot* lot = parking_lot(key.segment);
  const uint64_t ticket = lot->next_ticket.load();
  lot->unfinished_ticket.store(ticket);
  lot->unfinished_outcome.store(outcome);
  lot->unfinished_key.store(key.key);  // from here on it will be done, whoever dies
  const uint32_t woken = broadcast(key.segment, key.key, ticket, outcome, wakes);
  lot->unfinished_key.store(0);
  return woken;
}

uint32_t unpark(const WaitKey& key, uint32_t count) {
  Wakes wakes;  // after the lock
  const LotLock lock(key.segment);
  return unpark_locked(key, count, &wakes);
}

void park_tend(const WaitKey& key) {
  Wakes wakes;
  const LotLock lock(key.segment);
  Liveness liveness(key.segment);
  for_each_record(key.segment, key.key, [&](WaitRecord* record) {
    if (!liveness.alive(record->slot.load())) bury(key, record, &wakes);
  });
  count_parked(key);
}

void park_sweep(const Segment* segment, uint32_t slot) {
  Wakes wakes;
  const LotLock lock(segment);
  bury_all(segment, &wakes, [=](const WaitRecord* record) { return slot_in(record->slot.load()) == slot; });
}

}  // namespace sharedctypes
