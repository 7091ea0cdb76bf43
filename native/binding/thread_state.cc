#include "thread_state.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "../core/arena.h"
#include "../core/barrier.h"
#include "../core/mutex.h"
#include "../core/raw_block.h"
#include "../core/registry.h"
#include "../core/rwlock.h"
#include "ready_queue.h"

namespace sharedctypes {

thread_local ThreadState* thread_state SHAREDCTYPES_TLS = nullptr;

ThreadState::ThreadState() : tid(static_cast<uint32_t>(syscall(SYS_gettid))), pid(static_cast<uint32_t>(getpid())) {}
ThreadState::~ThreadState() = default;

namespace {

// An object whose lock a thread held when it ended. The kernel unlocks it at the thread's very end, after this code has run, so until then
// it stays open.
struct Orphan {
  uint32_t segment;
  uint32_t block;
  uint32_t count;
  uint32_t tid;
};

std::vector<Orphan>& orphans() {
  static auto* list = new std::vector<Orphan>();
  return *list;
}

const LockWord* lock_of(uint32_t number, uint32_t block) {
  const Segment* segment = registry_at(number);
  const uint64_t offset = segment->is_arena() ? arena_lock_offset(segment, block) : segment->header()->lock_offset;
  return offset == 0 ? nullptr : reinterpret_cast<const LockWord*>(segment->base() + offset);
}

bool held_by(const Orphan& orphan) {
  const LockWord* lock = lock_of(orphan.segment, orphan.block);
  return lock != nullptr && mutex_owner_tid(&lock->mutex) == orphan.tid;
}

void close_all(const Orphan& orphan) {
  for (uint32_t i = 0; i < orphan.count; ++i) close_object(orphan.segment, orphan.block);
}

void leave_line(ThreadState* state, size_t index) {
  const Waiting each = state->waiting[index];
  state->waiting.erase(state->waiting.begin() + static_cast<ptrdiff_t>(index));
  if (each.at_barrier) barrier_leave(barrier_at(each.key.segment, each.key.key), each.record);
  else park_abandon(each.key, each.record);
}

// The environment ends. JavaScript no longer runs, so nothing looks at our memory afterwards but the kernel, which walks this thread's
// robust list when the thread ends.
void clean_up(void* data) {
  auto* state = static_cast<ThreadState*>(data);
  state->ready.clear();  // first: the watcher must not touch memory that is unmapped next
  while (!state->waiting.empty()) leave_line(state, state->waiting.size() - 1);
  {
    std::lock_guard<std::mutex> guard(registry_mutex());
    for (const auto& [key, count] : state->open) {
      const Segment* segment = registry_at(static_cast<uint32_t>(key >> 32));
      end_reads(state, segment, segment->base(), segment->base() + segment->size());
    }
  }
  // With the main thread the process ends, and the kernel takes all back. To free blocks here would make handles stale that a child,
  // started a moment ago, has not opened yet.
  if (state->tid != state->pid) {
    std::lock_guard<std::mutex> guard(registry_mutex());
    for (const auto& [key, count] : state->open) {
      const Orphan own = {static_cast<uint32_t>(key >> 32), static_cast<uint32_t>(key), count, state->tid};
      if (held_by(own)) orphans().push_back(own);
      else close_all(own);
    }
    for (const uint64_t key : state->kept) close_object(static_cast<uint32_t>(key >> 32), static_cast<uint32_t>(key));
    std::lock_guard<std::mutex> raw_guard(raw_blocks_mutex());
    for (const uint32_t number : state->raw_blocks) raw_release(number, false);
    for (const uint32_t number : state->raw_kept) raw_release(number, false);
  }
  thread_state = nullptr;
  delete state;
}

}  // namespace

void close_orphans() {
  auto& list = orphans();
  for (size_t i = list.size(); i-- > 0;) {
    if (held_by(list[i])) continue;
    const Orphan orphan = list[i];
    list.erase(list.begin() + static_cast<ptrdiff_t>(i));
    close_all(orphan);
  }
}

void end_reads(ThreadState* state, const Segment* segment, const char* begin, const char* end) {
  for (size_t i = state->reads.size(); i-- > 0;) {
    auto* ledger = state->reads[i];
    const char* at = reinterpret_cast<const char*>(ledger);
    if (at < begin || at >= end) continue;
    state->reads.erase(state->reads.begin() + static_cast<ptrdiff_t>(i));
    const RwLock lock = rwlock_at(segment, static_cast<uint64_t>(at - segment->base()));
    if (read_release(lock.at, segment->slot) == ReadReleased::wake) read_wake(lock);
  }
}

void end_waits(ThreadState* state, const Segment* segment, const char* begin, const char* end) {
  for (size_t i = state->waiting.size(); i-- > 0;) {
    const WaitKey& key = state->waiting[i].key;
    const char* at = segment->base() + key.key;
    if (key.segment == segment && at >= begin && at < end) leave_line(state, i);
  }
}

ThreadState* ensure_thread_state(Napi::Env env) {
  if (thread_state == nullptr) {
    thread_state = new ThreadState();
    napi_add_env_cleanup_hook(env, clean_up, thread_state);
  }
  return thread_state;
}

}  // namespace sharedctypes
