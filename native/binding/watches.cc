#include "watches.h"

#include "../core/watched_waits.h"
#include "plain.h"
#include "ready_queue.h"
#include "thread_state.h"
#include "waits.h"

namespace sharedctypes {

namespace {

// onReady(callback): a queue for the words of what looks ready; its number goes with each watch. Not one for the thread: the package may be
// loaded twice, from the same file, and each copy has callers of its own.
Napi::Value OnReady(const Napi::CallbackInfo& info) {
  auto& queues = thread_state->ready;
  queues.push_back(std::make_unique<ReadyQueue>(info.Env(), info[0].As<Napi::Function>()));
  return Napi::Number::New(info.Env(), static_cast<double>(queues.size() - 1));
}

ReadyQueue* queue_in(const ThreadState* state) {
  return state->ready[static_cast<size_t>(state->regs[9])].get();
}

uint32_t token_in(const ThreadState* state) {
  return static_cast<uint32_t>(state->regs[8]);
}

// regs[0]: lock, regs[8]: token, regs[9]: queue.
void WatchLock() {
  ThreadState* state = thread_state;
  watch(watched_lock(reinterpret_cast<LockWord*>(static_cast<uintptr_t>(state->regs[0]))), queue_in(state), token_in(state));
}

// regs[0..3]: as in waits.h, regs[4]: kind of wait, regs[5]: offset of the object's data, regs[6]: address of an RWLock's mutex, regs[7]:
// an Event's word when the wait began; regs[8]: token, regs[9]: queue.
void WatchRecord() {
  ThreadState* state = thread_state;
  const double* regs = state->regs;
  watch(watched_record(static_cast<WaitKind>(regs[4]), key_in(state), record_in(state), static_cast<uint64_t>(regs[5]),
                       reinterpret_cast<const LockWord*>(static_cast<uintptr_t>(regs[6])), static_cast<uint32_t>(regs[7])),
        queue_in(state), token_in(state));
}

// regs[8]: token, regs[9]: queue.
void Unwatch() {
  unwatch(queue_in(thread_state), token_in(thread_state));
}

// keepAlive(queue, alive)
Napi::Value KeepAlive(const Napi::CallbackInfo& info) {
  thread_state->ready[info[0].As<Napi::Number>().Uint32Value()]->keep_alive(info.Env(), info[1].As<Napi::Boolean>());
  return info.Env().Undefined();
}

}  // namespace

void export_watches(Napi::Env env, Napi::Object exports) {
  plain<WatchLock>(env, exports, "watchLock");
  plain<WatchRecord>(env, exports, "watchRecord");
  plain<Unwatch>(env, exports, "unwatch");
  exports.Set("onReady", Napi::Function::New(env, OnReady, "onReady"));
  exports.Set("keepAlive", Napi::Function::New(env, KeepAlive, "keepAlive"));
}

}  // namespace sharedctypes
