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

// Out: regs[0]: 0 taken, 1 not.
void SemTry() {
  ThreadState* state = thread_state;
  const Packed in = unpack(state);
  state->regs[0] = in.ledger != nullptr && semaphore_try(semaphore_parts(in.ledger), in.slot) ? 0 : 1;
}

// Out: regs[0]: 0 done, 1 done but others are to be woken (semPassOn), 2 not done (semReleaseMany, or closed).
void SemRelease() {
  ThreadState* state = thread_state;
  const Packed in = unpack(state);
  const Released released = in.ledger == nullptr ? Released::other : semaphore_release_own(semaphore_parts(in.ledger), in.slot);
  state->regs[0] = released == Released::done ? 0 : released == Released::wake ? 1 : 2;
}

// The rest. regs[0]: segment, regs[1]: offset of the Ledger.
Semaphore semaphore_in(const ThreadState* state) {
  return semaphore_at(segment_in(state), static_cast<uint64_t>(state->regs[1]));
}

// In: regs[2]: the first value, regs[3]: the bound.
void SemInit() {
  const double* regs = thread_state->regs;
  semaphore_init(semaphore_in(thread_state), static_cast<uint32_t>(regs[2]), static_cast<uint32_t>(regs[3]));
}

// Of one that was opened by name: a program in C may have made it.
void SemOpened() {
  semaphore_adopt(semaphore_in(thread_state));
}

// In: regs[2]: how many. Out: regs[0]: 1 done, 0 too many.
void SemReleaseMany() {
  ThreadState* state = thread_state;
  const Semaphore semaphore = semaphore_in(state);
  state->regs[0] = semaphore_release(semaphore, semaphore.key.segment->slot, static_cast<uint32_t>(state->regs[2])) ? 1 : 0;
}

void SemPassOn() {
  semaphore_pass_on(semaphore_in(thread_state));
}

// In: regs[3]: record or -1, regs[4]: ms at most. Out: regs[0] as enum Waited, regs[3] the record.
void SemWait() {
  ThreadState* state = thread_state;
  const Semaphore semaphore = semaphore_in(state);
  const uint32_t before = record_in(state);
  uint32_t record = before;
  const Waited waited = semaphore_wait(semaphore, static_cast<int64_t>(state->regs[4] * 1e6), &record);
  if (before == NO_RECORD && record != NO_RECORD) begin_waiting(state, semaphore.key, record);
  if (before != NO_RECORD && record == NO_RECORD) end_waiting(state, semaphore.key.segment, before);
  state->regs[0] = static_cast<double>(waited);
  state->regs[3] = record == NO_RECORD ? -1 : record;
}

// In: regs[3]: record.
void SemLeave() {
  ThreadState* state = thread_state;
  const Semaphore semaphore = semaphore_in(state);
  end_waiting(state, semaphore.key.segment, record_in(state));
  semaphore_leave(semaphore, record_in(state));
}

// Gives back the permits of the dead. Out: regs[0]: the value, regs[1]: the bound.
void SemLook() {
  ThreadState* state = thread_state;
  const Semaphore semaphore = semaphore_in(state);
  semaphore_tend(semaphore);
  state->regs[0] = Fields::value(semaphore.at.word->load());
  state->regs[1] = semaphore.at.ledger->bound;
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
  hot<SemTry>(env, exports, "semTry");
  hot<SemRelease>(env, exports, "semRelease");
  plain<SemInit>(env, exports, "semInit");
  plain<SemOpened>(env, exports, "semOpened");
  plain<SemReleaseMany>(env, exports, "semReleaseMany");
  plain<SemPassOn>(env, exports, "semPassOn");
  plain<SemWait>(env, exports, "semWait");
  plain<SemLeave>(env, exports, "semLeave");
  plain<SemLook>(env, exports, "semLook");
  exports.Set("semaphoreFileName", Napi::Function::New(env, SemaphoreFileName, "semaphoreFileName"));
  exports.Set("adoptSemaphore", Napi::Function::New(env, AdoptSemaphore, "adoptSemaphore"));
}

}  // namespace sharedctypes
