#include "rwlock.h"

#include "slots.h"

namespace sharedctypes {

RwLock rwlock_at(const Segment* segment, uint64_t offset) {
  auto* ledger = reinterpret_cast<Ledger*>(segment->base() + offset);
  return {{&ledger->word, ledger}, {segment, offset, &ledger->parked}, {segment, offset + 8, &ledger->parked_too}};
}

void rwlock_init(const RwLock& lock) {
  lock.at.word->store(Fields::make(0, 0, 0, 0, 1));
}

void read_wake(const RwLock& lock) {
  if (lock.at.ledger->parked_too.load() != 0) unpark(lock.writer, 1);
}

bool write_enter(const RwLock& lock, bool waits) {
  uint64_t w = lock.at.word->load();
  for (;;) {
    const bool readers = (Fields::value(w) & RW_READERS) != 0;
    if (readers && !waits) return false;
    const uint32_t value = readers ? Fields::value(w) | RW_WAITS : RW_INSIDE;
    if (lock.at.word->compare_exchange_weak(w, Fields::with_value(w, value))) return !readers;
  }
}

void write_leave(const RwLock& lock) {
  lock.at.word->fetch_and(~uint64_t{RW_WAITS | RW_INSIDE});
  if (lock.at.ledger->parked.load() != 0) unpark(lock.readers, ALL);
}

void rwlock_give_back(const RwLock& lock, uint32_t slot) {
  for (;;) {
    const ReadReleased released = read_release(lock.at, slot);
    if (released == ReadReleased::other) return;
    if (released == ReadReleased::wake) read_wake(lock);
  }
}

void rwlock_tend(const RwLock& lock) {
  park_tend(lock.readers);
  for_each_dead(
      lock.readers.segment, [&](uint32_t slot) { return ledger_may_hold(lock.at, slot) && ledger_held(lock.at, slot) != 0; },
      [&](uint32_t slot) { rwlock_give_back(lock, slot); });
}

}  // namespace sharedctypes
