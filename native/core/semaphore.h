// Semaphores: a sem_t that glibc's sem_wait and sem_post understand, with a ledger of the permits that each process of ours holds.
//
// A permit is held by the process that took it, until a release. A release gives back one of the releasing process's own, if it holds any;
// else one that another process holds (so a permit may be handed on, and a death then returns no permit that is free already); else it adds
// one. What a killed process held is given back by the next one that finds no permit, by those that wait, or by whoever takes over its
// slot.
#ifndef SHAREDCTYPES_CORE_SEMAPHORE_H
#define SHAREDCTYPES_CORE_SEMAPHORE_H

#include "ledger.h"
#include "parking.h"

namespace sharedctypes {

constexpr uint32_t SEMAPHORE_MOST = 0x7fffffff;  // SEM_VALUE_MAX

struct Semaphore {
  LedgerAt at;
  WaitKey key;
};

// The two parts of a semaphore. The mark is untrusted, and where it misleads it leads to mapped memory: nothing is that close to a file's
// start.
inline LedgerAt semaphore_parts(Ledger* ledger) {
  if (__builtin_expect(ledger->word_in_front == 0, 1)) return {&ledger->word, ledger};
  return {reinterpret_cast<std::atomic<uint64_t>*>(reinterpret_cast<char*>(ledger) - LEDGER_OF_FILE), ledger};
}

// The semaphore whose Ledger is at this offset. A named one's word is at the start of its file.
Semaphore semaphore_at(const Segment* segment, uint64_t offset);
// The first value, and the largest: SEMAPHORE_MOST where there is no bound.
void semaphore_init(const Semaphore& semaphore, uint32_t value, uint32_t bound);
// Makes a semaphore that a program in C made one of ours, keeping its value. Can be done again.
void semaphore_adopt(const Semaphore& semaphore);

inline bool semaphore_try(const LedgerAt& at, uint32_t slot) {
  return ledger_move(at, slot, 1, [](uint32_t old, uint32_t* value) {
           *value = old - 1;
           return old != 0;
         }) == Moved::done;
}

// One permit from what the slot holds. none_held: it holds none; refused: there are too many already.
inline Moved semaphore_give_one(const LedgerAt& at, uint32_t slot, uint64_t* before = nullptr) {
  return ledger_move(
      at, slot, -1,
      [&](uint32_t old, uint32_t* value) {
        *value = old + 1;
        return old < at.ledger->bound;
      },
      before);
}

// Gives back or adds `count` permits; false: there would be more than allowed, and nothing was changed.
bool semaphore_release(const Semaphore& semaphore, uint32_t slot, uint32_t count);
// The usual case: one of our own. `other`: use semaphore_release. `wake`: done, but somebody waits: use semaphore_pass_on.
enum class Released { done, wake, other };
inline Released semaphore_release_own(const LedgerAt& at, uint32_t slot) {
  uint64_t before;
  if (semaphore_give_one(at, slot, &before) != Moved::done) return Released::other;
  // After the change: whoever gets in line looks at the value once more after it can be seen there.
  return at.ledger->parked.load() != 0 || Fields::has_sleepers(before) ? Released::wake : Released::done;
}

// Wakes whoever may go on now that the value is above 0.
void semaphore_pass_on(const Semaphore& semaphore);

// Waits up to `nanoseconds` for a permit. `record`: the place in line, NO_RECORD at first; kept when time is up, to go on with or to leave.
enum class Waited { taken, time_up, full };
Waited semaphore_wait(const Semaphore& semaphore, int64_t nanoseconds, uint32_t* record);
// Leaves the line, and passes on a wake-up that was not used.
void semaphore_leave(const Semaphore& semaphore, uint32_t record);

// Gives back all that a slot holds.
void semaphore_give_back(const Semaphore& semaphore, uint32_t slot);
// The same for all dead ones.
void semaphore_tend(const Semaphore& semaphore);

}  // namespace sharedctypes

#endif
