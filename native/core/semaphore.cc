#include "semaphore.h"

#include <semaphore.h>

#include <algorithm>
#include <climits>

#include "slots.h"
#include "spin.h"

namespace sharedctypes {

Semaphore semaphore_at(const Segment* segment, uint64_t offset) {
  auto* ledger = reinterpret_cast<Ledger*>(segment->base() + offset);
  return {semaphore_parts(ledger), {segment, offset, &ledger->parked}};
}

void semaphore_init(const Semaphore& semaphore, uint32_t value, uint32_t bound) {
  semaphore.at.ledger->word_in_front = semaphore.key.segment->is_semaphore_file() ? 1 : 0;
  const LedgerAt at = semaphore_parts(semaphore.at.ledger);
  // What else the C library keeps in a sem_t, such as that processes share it.
  sem_init(reinterpret_cast<sem_t*>(at.word), 1, value);
  at.word->store(Fields::make(0, value, 0, 0, 1));
  at.ledger->bound = bound;
}

void semaphore_adopt(const Semaphore& semaphore) {
  uint64_t w = semaphore.at.word->load();
  while (!(w & Fields::OURS) && !semaphore.at.word->compare_exchange_weak(w, Fields::make(w, Fields::value(w), 0, 0, 1))) {
  }
}

namespace {

uint64_t most(const Semaphore& semaphore) {
  return semaphore.at.ledger->bound;
}

// One permit from what anybody holds, or `count` new ones where nobody holds any. Says how many; 0: there would be too many.
uint32_t give_foreign(const Semaphore& semaphore, uint32_t count) {
  for (;;) {
    uint64_t w = semaphore.at.word->load();
    for (uint32_t slot = 0; slot < SLOTS; ++slot) {
      if (ledger_held(semaphore.at, slot) == 0) continue;
      const Moved moved = semaphore_give_one(semaphore.at, slot);
      if (moved == Moved::done) return 1;
      if (moved == Moved::refused) return 0;
    }
    const uint32_t value = Fields::value(w);
    if (uint64_t{value} + count > most(semaphore)) {
      if (semaphore.at.word->load() != w) continue;
      return 0;
    }
    // Succeeds only if nobody has taken one since we looked at what they hold.
    if (semaphore.at.word->compare_exchange_strong(w, Fields::with_value(w, value + count))) return count;
  }
}

// Wakes as many of ours, and as many in C.
void wake(const Semaphore& semaphore, uint32_t count) {
  const uint32_t parked = semaphore.at.ledger->parked.load();
  if (parked != 0) unpark(semaphore.key, count);
  // Ours sleep on the word too, and may get the wake-ups meant for those in C.
  if (Fields::has_sleepers(semaphore.at.word->load()))
    futex_wake(semaphore.at.word, static_cast<int>(std::min<uint64_t>(INT_MAX, uint64_t{count} + parked)));
}

bool take(const Semaphore& semaphore) {
  return semaphore_try(semaphore.at, semaphore.key.segment->slot);
}

}  // namespace

bool semaphore_release(const Semaphore& semaphore, uint32_t slot, uint32_t count) {
  // All or nothing, against all who follow the rules: nobody but those who release what they do not hold can come in between.
  const uint64_t value = Fields::value(semaphore.at.word->load());
  if (value + count > most(semaphore)) return false;
  uint32_t given = 0;
  while (given < count) {
    const Moved moved = semaphore_give_one(semaphore.at, slot);
    if (moved == Moved::done) {
      ++given;
      continue;
    }
    const uint32_t foreign = moved == Moved::none_held ? give_foreign(semaphore, count - given) : 0;
    if (foreign == 0) break;
    given += foreign;
  }
  wake(semaphore, given);
  return given == count;
}

void semaphore_pass_on(const Semaphore& semaphore) {
  if (Fields::value(semaphore.at.word->load()) != 0) wake(semaphore, 1);
}

Waited semaphore_wait(const Semaphore& semaphore, int64_t nanoseconds, uint32_t* record) {
  const Segment* segment = semaphore.key.segment;
  const auto taken = [&] {
    if (*record != NO_RECORD) semaphore_leave(semaphore, *record);
    *record = NO_RECORD;
    semaphore_pass_on(semaphore);  // several may have come at once, and a wake-up in C reaches one
    return Waited::taken;
  };
  if (*record == NO_RECORD) {
    // Somebody may be about to release.
    if (semaphore.at.ledger->parked.load() == 0 && spin_until([&] { return Fields::value(semaphore.at.word->load()) != 0; }) &&
        take(semaphore)) {
      return taken();
    }
    if (park(semaphore.key, nullptr, 0, record) == Parked::full) return Waited::full;
  }
  semaphore_tend(semaphore);
  const timespec start = now();
  for (;;) {
    park_again(segment, *record);  // before the look: who releases after it grants anew
    if (take(semaphore)) return taken();
    const int64_t left = nanoseconds - nanoseconds_since(start);
    if (left <= 0) return Waited::time_up;
    // In a named semaphore somebody in C may post, who knows nothing of our records. The low half of the word is the value.
    const WaitWord value = wait_word(semaphore.at.word, 0);
    park_sleep(segment, *record, left, segment->is_semaphore_file() ? &value : nullptr);
  }
}

void semaphore_leave(const Semaphore& semaphore, uint32_t record) {
  bool freed;
  if (park_leave(semaphore.key, record, &freed)) semaphore_pass_on(semaphore);
}

void semaphore_give_back(const Semaphore& semaphore, uint32_t slot) {
  uint32_t given = 0;
  while (semaphore_give_one(semaphore.at, slot) == Moved::done) ++given;
  for (; given > 0; --given) semaphore_pass_on(semaphore);
}

void semaphore_tend(const Semaphore& semaphore) {
  park_tend(semaphore.key);
  for_each_dead(
      semaphore.key.segment, [&](uint32_t slot) { return ledger_may_hold(semaphore.at, slot) && ledger_held(semaphore.at, slot) != 0; },
      [&](uint32_t slot) { semaphore_give_back(semaphore, slot); });
  semaphore_pass_on(semaphore);
}

}  // namespace sharedctypes
