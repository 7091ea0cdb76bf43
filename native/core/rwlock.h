// The readers' side of an RWLock, and what a writer does beyond locking the mutex in the same object.
//
// The Ledger's number: bits 0 to 29 count the readers, bit 30: a writer has the mutex and waits until they are gone (no new ones come in,
// so writers don't starve), bit 31: a writer is inside. The bits are changed only by who holds the mutex; a writer that dies leaves them,
// and whoever finds the mutex free under a bit takes it and learns of the death there.
#ifndef SHAREDCTYPES_CORE_RWLOCK_H
#define SHAREDCTYPES_CORE_RWLOCK_H

#include "ledger.h"
#include "parking.h"

namespace sharedctypes {

constexpr uint32_t RW_WAITS = 0x40000000;
constexpr uint32_t RW_INSIDE = 0x80000000;
constexpr uint32_t RW_READERS = 0x3fffffff;

struct RwLock {
  LedgerAt at;
  WaitKey readers;
  WaitKey writer;
};

RwLock rwlock_at(const Segment* segment, uint64_t offset);
void rwlock_init(const RwLock& lock);

// Past: whoever holds the mutex, and so is the writer, may read too.
inline bool read_try(const LedgerAt& at, uint32_t slot, bool past_writer) {
  return ledger_move(at, slot, 1, [=](uint32_t old, uint32_t* value) {
           *value = old + 1;
           return (past_writer || (old & ~RW_READERS) == 0) && (old & RW_READERS) != RW_READERS;
         }) == Moved::done;
}

// `wake`: it was the last, and a writer waits: use read_wake. `other`: this process reads nothing.
enum class ReadReleased { done, wake, other };
inline ReadReleased read_release(const LedgerAt& at, uint32_t slot) {
  uint64_t before;
  const Moved moved = ledger_move(
      at, slot, -1,
      [](uint32_t old, uint32_t* value) {
        *value = old - 1;
        return (old & RW_READERS) != 0;
      },
      &before);
  if (moved != Moved::done) return ReadReleased::other;
  const uint32_t old = Fields::value(before);
  return (old & RW_READERS) == 1 && (old & RW_WAITS) ? ReadReleased::wake : ReadReleased::done;
}
void read_wake(const RwLock& lock);

// For who holds the mutex. False: there are readers. `waits`: no new ones come in from now on; wait for `writer`, and try again.
bool write_enter(const RwLock& lock, bool waits);
// Before the mutex is unlocked, also by a writer that gives up waiting.
void write_leave(const RwLock& lock);

// The readers and the writer's bits, of one moment.
inline uint32_t rwlock_value(const RwLock& lock) {
  return Fields::value(lock.at.word->load());
}

void rwlock_give_back(const RwLock& lock, uint32_t slot);
// Ends the reads of dead processes.
void rwlock_tend(const RwLock& lock);

}  // namespace sharedctypes

#endif
