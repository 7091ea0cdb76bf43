#include "thread_state.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "../core/registry.h"
#include "ready_queue.h"

namespace sharedctypes {

thread_local ThreadState* thread_state SHAREDCTYPES_TLS = nullptr;

ThreadState::ThreadState() : tid(static_cast<uint32_t>(syscall(SYS_gettid))), pid(static_cast<uint32_t>(getpid())) {}
ThreadState::~ThreadState() = default;

namespace {

// The environment ends: a worker exits, or the process does. JavaScript no longer runs, so nothing looks at our memory afterwards
// but the kernel, which walks this thread's robust list when the thread ends.
void clean_up(void* data) {
  auto* state = static_cast<ThreadState*>(data);
  state->ready.reset();  // first: the watcher must not touch memory that is unmapped next
  std::lock_guard<std::mutex> guard(registry_mutex());
  for (const auto& [key, count] : state->open) {
    const auto number = static_cast<uint32_t>(key >> 32);
    if (state->held > 0) {
      registry_at(number)->pinned = true;  // the lock it dies with may lie here; its next taker must hear of the death
      continue;
    }
    for (uint32_t i = 0; i < count; ++i) close_object(number, static_cast<uint32_t>(key));
  }
  thread_state = nullptr;
  delete state;
}

}  // namespace

ThreadState* ensure_thread_state(Napi::Env env) {
  if (thread_state == nullptr) {
    thread_state = new ThreadState();
    napi_add_env_cleanup_hook(env, clean_up, thread_state);
  }
  return thread_state;
}

}  // namespace sharedctypes
