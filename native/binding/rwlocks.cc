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

// undefined: reading. true: not, a writer is there or waits. past_writer: for who holds the mutex.
template <bool past_writer>
napi_value ReadTry(napi_env env, napi_callback_info) {
  ThreadState* state = thread_state;
  const LedgerAt at = ledger_in(state);
  const bool done = state->regs[0] != 0 && read_try(at, static_cast<uint32_t>(state->regs[1]), past_writer);
  if (__builtin_expect(!done, 0)) return yes(env);
  state->reads.push_back(at.ledger);
  return nullptr;
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

// undefined: done. true: regs[0] is 1 if it was done but a writer is to be woken (readWake), 2 if this thread does not read.
napi_value ReadRelease(napi_env env, napi_callback_info) {
  ThreadState* state = thread_state;
  const ReadReleased released = state->regs[0] == 0 || !forget_read(state, ledger_in(state).ledger)
                                    ? ReadReleased::other
                                    : read_release(ledger_in(state), static_cast<uint32_t>(state->regs[1]));
  if (__builtin_expect(released == ReadReleased::done, 1)) return nullptr;
  state->regs[0] = released == ReadReleased::wake ? 1 : 2;
  return yes(env);
}

// The rest. regs[0]: segment, regs[1]: offset of the Ledger.
RwLock lock_in(const ThreadState* state) {
  return rwlock_at(segment_in(state), static_cast<uint64_t>(state->regs[1]));
}

napi_value RwInit(napi_env, napi_callback_info) {
  rwlock_init(lock_in(thread_state));
  return nullptr;
}

napi_value ReadWake(napi_env, napi_callback_info) {
  read_wake(lock_in(thread_state));
  return nullptr;
}

// Out: regs[0]: 1 inside, 0 readers are.
napi_value WriteEnter(napi_env, napi_callback_info) {
  thread_state->regs[0] = write_enter(lock_in(thread_state)) ? 1 : 0;
  return nullptr;
}

napi_value WriteLeave(napi_env, napi_callback_info) {
  write_leave(lock_in(thread_state));
  return nullptr;
}

// Ends the reads of the dead. Out: regs[0]: readers, regs[1]: 1 a writer waits, 2 one is inside.
napi_value RwLook(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const RwLock lock = lock_in(state);
  rwlock_tend(lock);
  const uint32_t value = rwlock_value(lock);
  state->regs[0] = value & RW_READERS;
  state->regs[1] = value & RW_INSIDE ? 2 : value & RW_WAITS ? 1 : 0;
  return nullptr;
}

}  // namespace

void export_rwlocks(Napi::Env env, Napi::Object exports) {
  plain(env, exports, "readTry", ReadTry<false>);
  plain(env, exports, "readTryPastWriter", ReadTry<true>);
  plain(env, exports, "readRelease", ReadRelease);
  plain(env, exports, "rwInit", RwInit);
  plain(env, exports, "readWake", ReadWake);
  plain(env, exports, "writeEnter", WriteEnter);
  plain(env, exports, "writeLeave", WriteLeave);
  plain(env, exports, "rwLook", RwLook);
}

}  // namespace sharedctypes
