// A number that processes take from and add to, with a ledger of what each of them has: permits of a semaphore, readers of an RWLock. Exact
// whatever is killed at whatever instruction, without a lock, and while programs in C use the same number as their sem_t.
//
// Two things have to change together: the number, and the entry of the process that takes or gives. So the change of the entry is
// first written into spare bits of the number's own word, in the same compare-and-exchange, as "pending for slot s". It is entered
// into held[s] before another slot's change takes its place, by whoever needs the place:
//
//   state of the word          what comes next
//   pending 0, or none         the next slot takes the place: its change, a new era
//   pending d of my slot       I add mine to d
//   pending d of another slot  freeze it (from now on d can't change)
//   frozen                     enter it: held[s] += d and its era, by compare-and-exchange, unless the era stands there already.
//                              Then the next slot takes the place
//
// Each line is one atomic step and every state is complete: a process killed after any step leaves a state from which the others go on. An
// entry is made once, because its era goes with it. Programs in C change the number and glibc's count of sleepers and leave the rest as it
// is.
//
// The eras are 9 bits: a process that is stopped between reading the word and exchanging it, for exactly 512 takings of the place that end
// in the very same value, slot and pending change, would not notice.
#ifndef SHAREDCTYPES_CORE_LEDGER_H
#define SHAREDCTYPES_CORE_LEDGER_H

#include "layout.h"

namespace sharedctypes {

enum class Moved { done, refused, none_held };

// The fields of Ledger::word.
struct Fields {
  static constexpr uint64_t VALUE = 0xffffffff;
  static constexpr uint64_t SLEEPERS = uint64_t{0xfff} << 32;
  static constexpr int SLOT_AT = 44, PENDING_AT = 50, ERA_AT = 54;
  static constexpr uint64_t FROZEN = uint64_t{1} << 53;
  static constexpr uint64_t OURS = uint64_t{1} << 63;  // makes every sem_post in C call the kernel, where our waiters are
  static constexpr uint64_t TAG = ~(VALUE | SLEEPERS);
  static constexpr int LEAST = -4, MOST = 3;  // that can be pending

  static uint32_t value(uint64_t w) { return static_cast<uint32_t>(w); }
  static bool has_sleepers(uint64_t w) { return (w & SLEEPERS) != 0; }
  static uint32_t slot(uint64_t w) { return static_cast<uint32_t>(w >> SLOT_AT) & 63; }
  static int pending(uint64_t w) { return static_cast<int>(static_cast<int64_t>(w << (64 - PENDING_AT - 3)) >> 61); }
  static uint32_t era(uint64_t w) { return static_cast<uint32_t>(w >> ERA_AT) & 511; }
  static uint64_t with_value(uint64_t w, uint32_t value) { return (w & ~VALUE) | value; }
  static uint64_t with_pending(uint64_t w, int pending) {
    return (w & ~(uint64_t{7} << PENDING_AT)) | (static_cast<uint64_t>(pending) & 7) << PENDING_AT;
  }
  static uint64_t make(uint64_t old, uint32_t value, uint32_t slot, int pending, uint32_t era) {
    return OURS | static_cast<uint64_t>(era) << ERA_AT | (static_cast<uint64_t>(pending) & 7) << PENDING_AT |
           static_cast<uint64_t>(slot) << SLOT_AT | (old & SLEEPERS) | value;
  }
};

// `word` lies elsewhere in a named semaphore.
struct LedgerAt {
  std::atomic<uint64_t>* word;
  Ledger* ledger;
};

// Makes a frozen change of another slot, or a full one of ours, an entry. False: the word has moved on, look again.
bool ledger_enter(const LedgerAt& at, uint64_t* w);
// The era for a new change of this slot: not the one of its last entry.
inline uint32_t next_era(uint64_t w, uint64_t entry) {
  const uint32_t era = (Fields::era(w) + 1) & 511;
  return era != static_cast<uint32_t>(entry >> 32) ? era : (era + 1) & 511;
}

// What the slot has, of one moment.
uint32_t ledger_held(const LedgerAt& at, uint32_t slot);
// Whether the slot may have something: a quick look, before a closer one.
inline bool ledger_may_hold(const LedgerAt& at, uint32_t slot) {
  return (at.ledger->held[slot].load() & Fields::VALUE) != 0 || Fields::slot(at.word->load()) == slot;
}
// What all have.
uint64_t ledger_held_by_all(const LedgerAt& at);

// Changes the number by `rule(value, &value)`, which may refuse, and with it what the slot has by `change` (1 or -1). `before`, if not
// null, gets the word as it was.
template <typename Rule>
inline Moved ledger_move(const LedgerAt& at, uint32_t slot, int change, Rule rule, uint64_t* before = nullptr) {
  for (;;) {
    uint64_t w = at.word->load();
    uint32_t value = Fields::value(w);
    if (!rule(value, &value)) return Moved::refused;
    const int pending = Fields::pending(w);
    const bool free_place = pending == 0 && !(w & Fields::FROZEN);
    const bool mine =
        Fields::slot(w) == slot && !(w & Fields::FROZEN) && pending + change >= Fields::LEAST && pending + change <= Fields::MOST;
    if (!mine && !free_place && !ledger_enter(at, &w)) continue;
    // What stands in held[slot] is of the same moment as w if the exchange below succeeds: entries are made only of frozen words.
    const uint64_t entry = at.ledger->held[slot].load();
    const int64_t held = static_cast<int64_t>(entry & Fields::VALUE) + (mine ? pending : 0);
    if (held + change < 0) {
      if (at.word->load() != w) continue;
      return Moved::none_held;
    }
    const uint64_t next = mine ? Fields::with_pending(Fields::with_value(w, value), pending + change)
                               : Fields::make(w, value, slot, change, next_era(w, entry));
    if (!at.word->compare_exchange_weak(w, next)) continue;
    if (before != nullptr) *before = w;
    return Moved::done;
  }
}

}  // namespace sharedctypes

#endif
