#include "rwlocks.h"

#include "../core/rwlock.h"
#include "plain.h"
#include "waits.h"

namespace sharedctypes {

namespace {

// regs[0]: address of the Ledger (0: closed), regs[1]: our slot.
LedgerAt ledger_in(const ThreadState* state) {
  auto* ledger = reinterpret_cast<Ledger*>(static_cast<uintptr_t>(state->regs[0]));
  return {&ledger->word, ledger};
}

// Out: regs[0]: 0 reading, 1 not: a writer is there or waits. past_writer: for who holds the mutex.
template <bool past_writer>
void ReadTry() {
  ThreadState* state = thread_state;
  const LedgerAt at = ledger_in(state);
  const bool done = state->regs[0] != 0 && read_try(at, static_cast<uint32_t>(state->regs[1]), past_writer);
  state->regs[0] = done ? 0 : 1;
  if (__builtin_expect(done, 1)) state->reads.push_back(at.ledger);
}

bool forget_read(ThreadState* state, const Ledger* ledger) {
  for (size_t i = state->reads.size(); i-- > 0;) {
    if (state->reads[i] != ledger) continue;
    state->reads[i] = state->reads.back();
    state->reads.pop_back();
    return true;
  }
  return false;
}

// Out: regs[0]: 0 done, 1 done but a writer is to be woken (readWake), 2 this thread does not read.
void ReadRelease() {
  ThreadState* state = thread_state;
  const ReadReleased released = state->regs[0] == 0 || !forget_read(state, ledger_in(state).ledger)
                                    ? ReadReleased::other
                                    : read_release(ledger_in(state), static_cast<uint32_t>(state->regs[1]));
  state->regs[0] = released == ReadReleased::done ? 0 : released == ReadReleased::wake ? 1 : 2;
}

// The rest. regs[0]: segment, regs[1]: offset of the Ledger.
RwLock lock_in(const ThreadState* state) {
  return rwlock_at(segment_in(state), static_cast<uint64_t>(state->regs[1]));
}

void RwInit() {
  rwlock_init(lock_in(thread_state));
}

void ReadWake() {
  read_wake(lock_in(thread_state));
}

// In: regs[2]: 1 if the caller waits where it is not let in. Out: regs[0]: 1 inside, 0 readers are.
void WriteEnter() {
  ThreadState* state = thread_state;
  state->regs[0] = write_enter(lock_in(state), state->regs[2] != 0) ? 1 : 0;
}

void WriteLeave() {
  write_leave(lock_in(thread_state));
}

// Ends the reads of the dead. Out: regs[0]: readers, regs[1]: 1 a writer waits, 2 one is inside.
void RwLook() {
  ThreadState* state = thread_state;
  const RwLock lock = lock_in(state);
  rwlock_tend(lock);
  const uint32_t value = rwlock_value(lock);
  state->regs[0] = value & RW_READERS;
  state->regs[1] = value & RW_INSIDE ? 2 : value & RW_WAITS ? 1 : 0;
}

}  // namespace

void export_rwlocks(Napi::Env env, Napi::Object exports) {
  hot<ReadTry<false>>(env, exports, "readTry");
  plain<ReadTry<true>>(env, exports, "readTryPastWriter");
  hot<ReadRelease>(env, exports, "readRelease");
  plain<RwInit>(env, exports, "rwInit");
  plain<ReadWake>(env, exports, "readWake");
  plain<WriteEnter>(env, exports, "writeEnter");
  plain<WriteLeave>(env, exports, "writeLeave");
  plain<RwLook>(env, exports, "rwLook");
}

}  // namespace sharedctypes
