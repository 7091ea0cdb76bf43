#include "semaphores.h"

#include "../core/semaphore.h"
#include "../core/semaphore_file.h"
#include "errors.h"
#include "plain.h"
#include "waits.h"

namespace sharedctypes {

namespace {

// regs[0]: address of the Ledger (0: closed) * SLOTS + our slot: one number instead of two, exact to 2^53.
struct Packed {
  Ledger* ledger;
  uint32_t slot;
};
Packed unpack(const ThreadState* state) {
  const auto packed = static_cast<uint64_t>(state->regs[0]);
  return {reinterpret_cast<Ledger*>(packed / SLOTS), static_cast<uint32_t>(packed % SLOTS)};
}

// undefined: taken. true: not.
napi_value SemTry(napi_env env, napi_callback_info) {
  const Packed in = unpack(thread_state);
  if (__builtin_expect(in.ledger != nullptr && semaphore_try(semaphore_parts(in.ledger), in.slot), 1)) return nullptr;
  return yes(env);
}

// undefined: done. true: regs[0] is 1 if it was done but others are to be woken (semPassOn), 2 if it was not (semReleaseMany, or closed).
napi_value SemRelease(napi_env env, napi_callback_info) {
  ThreadState* state = thread_state;
  const Packed in = unpack(state);
  const Released released = in.ledger == nullptr ? Released::other : semaphore_release_own(semaphore_parts(in.ledger), in.slot);
  if (__builtin_expect(released == Released::done, 1)) return nullptr;
  state->regs[0] = released == Released::wake ? 1 : 2;
  return yes(env);
}

// The rest. regs[0]: segment, regs[1]: offset of the Ledger.
Semaphore semaphore_in(const ThreadState* state) {
  return semaphore_at(segment_in(state), static_cast<uint64_t>(state->regs[1]));
}

// In: regs[2]: the first value, regs[3]: the bound.
napi_value SemInit(napi_env, napi_callback_info) {
  const double* regs = thread_state->regs;
  semaphore_init(semaphore_in(thread_state), static_cast<uint32_t>(regs[2]), static_cast<uint32_t>(regs[3]));
  return nullptr;
}

// Of one that was opened by name: a program in C may have made it.
napi_value SemOpened(napi_env, napi_callback_info) {
  semaphore_adopt(semaphore_in(thread_state));
  return nullptr;
}

// In: regs[2]: how many. Out: regs[0]: 1 done, 0 too many.
napi_value SemReleaseMany(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const Semaphore semaphore = semaphore_in(state);
  state->regs[0] = semaphore_release(semaphore, semaphore.key.segment->slot, static_cast<uint32_t>(state->regs[2])) ? 1 : 0;
  return nullptr;
}

napi_value SemPassOn(napi_env, napi_callback_info) {
  semaphore_pass_on(semaphore_in(thread_state));
  return nullptr;
}

// In: regs[3]: record or -1, regs[4]: ms at most. Out: regs[0] as enum Waited, regs[3] the record.
napi_value SemWait(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const Semaphore semaphore = semaphore_in(state);
  const uint32_t before = record_in(state);
  uint32_t record = before;
  const Waited waited = semaphore_wait(semaphore, static_cast<int64_t>(state->regs[4] * 1e6), &record);
  if (before == NO_RECORD && record != NO_RECORD) begin_waiting(state, semaphore.key, record);
  if (before != NO_RECORD && record == NO_RECORD) end_waiting(state, semaphore.key.segment, before);
  state->regs[0] = static_cast<double>(waited);
  state->regs[3] = record == NO_RECORD ? -1 : record;
  return nullptr;
}

// In: regs[3]: record.
napi_value SemLeave(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const Semaphore semaphore = semaphore_in(state);
  end_waiting(state, semaphore.key.segment, record_in(state));
  semaphore_leave(semaphore, record_in(state));
  return nullptr;
}

// Gives back the permits of the dead. Out: regs[0]: the value, regs[1]: the bound.
napi_value SemLook(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const Semaphore semaphore = semaphore_in(state);
  semaphore_tend(semaphore);
  state->regs[0] = Fields::value(semaphore.at.word->load());
  state->regs[1] = semaphore.at.ledger->bound;
  return nullptr;
}

// semaphoreFileName(name)
Napi::Value SemaphoreFileName(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), semaphore_file_name(info[0].As<Napi::String>()));
}

// adoptSemaphore(fileName, kind, bound)
Napi::Value AdoptSemaphore(const Napi::CallbackInfo& info) {
  ObjectSpec spec;
  spec.object_kind = info[1].As<Napi::Number>().Uint32Value();
  spec.length = sizeof(Ledger);
  spec.element_size = 1;
  spec.posix_semaphore = true;
  spec.type_name = "Semaphore";
  check(info.Env(), adopt_semaphore(info[0].As<Napi::String>(), spec, info[2].As<Napi::Number>().Uint32Value()));
  return info.Env().Undefined();
}

}  // namespace

void export_semaphores(Napi::Env env, Napi::Object exports) {
  plain(env, exports, "semTry", SemTry);
  plain(env, exports, "semRelease", SemRelease);
  plain(env, exports, "semInit", SemInit);
  plain(env, exports, "semOpened", SemOpened);
  plain(env, exports, "semReleaseMany", SemReleaseMany);
  plain(env, exports, "semPassOn", SemPassOn);
  plain(env, exports, "semWait", SemWait);
  plain(env, exports, "semLeave", SemLeave);
  plain(env, exports, "semLook", SemLook);
  exports.Set("semaphoreFileName", Napi::Function::New(env, SemaphoreFileName, "semaphoreFileName"));
  exports.Set("adoptSemaphore", Napi::Function::New(env, AdoptSemaphore, "adoptSemaphore"));
}

}  // namespace sharedctypes
