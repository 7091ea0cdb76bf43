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

// The environment ends. JavaScript no longer runs, so nothing looks at our memory afterwards but the kernel, which walks this thread's
// robust list when the thread ends.
void clean_up(void* data) {
  auto* state = static_cast<ThreadState*>(data);
  state->ready.reset();  // first: the watcher must not touch memory that is unmapped next
  // With the main thread the process ends, and the kernel takes all back. To free blocks here would make handles stale that a child,
  // started a moment ago, has not opened yet. Nor is anything freed while this thread holds a lock: its next taker must find the mutex, and
  // hear of the death.
  if (state->tid != state->pid && state->held == 0) {
    std::lock_guard<std::mutex> guard(registry_mutex());
    for (const auto& [key, count] : state->open) {
      for (uint32_t i = 0; i < count; ++i) close_object(static_cast<uint32_t>(key >> 32), static_cast<uint32_t>(key));
    }
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
