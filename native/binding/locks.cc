#include "locks.h"

#include <cerrno>

#include "../core/mutex.h"
#include "plain.h"
#include "thread_state.h"

namespace sharedctypes {

namespace {

// What a lock function answers in regs[0]. The same list is in lib/sync/native-lock.ts.
enum Answer {
  DONE = 0,
  BUSY = 1,       // somebody else holds it (still, at the end of the slice)
  MINE = 2,       // this thread holds it already
  MINE_FLOW = 3,  // … for one of its asynchronous flows
  DIRTY = 4,      // taken, but an owner died and nobody mended: regs[1] is the dead owner's pid, 0 if unknown
  CLOSED = 5,
  NOT_OWNER = 6,
  TOO_MANY = 7,
  BROKEN = 8,  // regs[1] is an errno
  ASIDE = 9,   // release: held by a flow or dirty, use lockReleaseAs
};

// The kernel unlocks at most ROBUST_LIST_LIMIT (2048) mutexes of a thread that dies; the next ones would stay locked for ever.
constexpr uint32_t MOST_HELD = 2000;

inline void answer(ThreadState* state, int code) {
  state->regs[0] = code;
}

inline LockWord* lock_in(const ThreadState* state) {
  return reinterpret_cast<LockWord*>(static_cast<uintptr_t>(state->regs[0]));
}

inline bool is_mine(const ThreadState* state, const LockWord* lock) {
  return mutex_owner_tid(&lock->mutex) == state->tid;
}

void taken_dirty(ThreadState* state, LockWord* lock) {
  const uint32_t dead = lock->owner.load(std::memory_order_relaxed) & OWNER_PID_MASK;
  lock->owner.store(state->pid | OWNER_DIRTY, std::memory_order_relaxed);
  ++state->held;
  state->regs[1] = dead;
  return answer(state, DIRTY);
}

// What follows a lock call that was not simply granted.
void not_simply(ThreadState* state, LockWord* lock, int error) {
  switch (error) {
    case 0:
      return taken_dirty(state, lock);
    case EOWNERDEAD:
      pthread_mutex_consistent(&lock->mutex);
      return taken_dirty(state, lock);
    case EBUSY:
    case ETIMEDOUT:
    case EDEADLK:
      if (!is_mine(state, lock)) return answer(state, BUSY);
      return answer(state, lock->owner.load(std::memory_order_relaxed) & OWNER_FLOW ? MINE_FLOW : MINE);
    default:
      state->regs[1] = error;
      return answer(state, BROKEN);
  }
}

void after_lock(ThreadState* state, LockWord* lock, int error, uint32_t flag) {
  if (error != 0 || (lock->owner.load(std::memory_order_relaxed) & OWNER_DIRTY)) {
    not_simply(state, lock, error);
    if (flag != 0 && state->regs[0] == DIRTY) lock->owner.fetch_or(flag, std::memory_order_relaxed);
    return;
  }
  lock->owner.store(state->pid | flag, std::memory_order_relaxed);
  ++state->held;
  return answer(state, DONE);
}

__attribute__((noinline)) void try_otherwise(ThreadState* state, LockWord* lock, int error, uint32_t flag) {
  if (lock == nullptr) answer(state, CLOSED);
  else if (state->held >= MOST_HELD) answer(state, TOO_MANY);
  else after_lock(state, lock, error, flag);
}

template <uint32_t flag>
void LockTry() {
  ThreadState* state = thread_state;
  LockWord* lock = lock_in(state);
  if (__builtin_expect(lock == nullptr || state->held >= MOST_HELD, 0)) return try_otherwise(state, lock, 0, flag);
  const int error = pthread_mutex_trylock(&lock->mutex);
  if (__builtin_expect(error != 0 || (lock->owner.load(std::memory_order_relaxed) & OWNER_DIRTY), 0)) {
    return try_otherwise(state, lock, error, flag);
  }
  lock->owner.store(state->pid | flag, std::memory_order_relaxed);
  ++state->held;
  answer(state, DONE);
}

// regs[1]: milliseconds to wait at most. Callers wait in slices, so that a worker thread can be terminated between two.
void LockWait() {
  ThreadState* state = thread_state;
  LockWord* lock = lock_in(state);
  if (lock == nullptr) return answer(state, CLOSED);
  if (state->held >= MOST_HELD) return answer(state, TOO_MANY);
  return after_lock(state, lock, mutex_lock_for(&lock->mutex, static_cast<int64_t>(state->regs[1] * 1e6)), 0);
}

void unlock(ThreadState* state, LockWord* lock, uint32_t owner) {
  lock->owner.store(owner, std::memory_order_relaxed);
  const int error = pthread_mutex_unlock(&lock->mutex);
  if (__builtin_expect(error != 0, 0)) {
    state->regs[1] = error;
    return answer(state, BROKEN);
  }
  --state->held;
  after_unlock(lock);
  return answer(state, DONE);
}

bool one_level_up(ThreadState* state, const LockWord* lock) {
  for (size_t i = state->recursions.size(); i-- > 0;) {
    Recursion& recursion = state->recursions[i];
    if (recursion.lock != lock) continue;
    if (--recursion.extra == 0) state->recursions.erase(state->recursions.begin() + static_cast<ptrdiff_t>(i));
    return true;
  }
  return false;
}

__attribute__((noinline)) void release_otherwise(ThreadState* state, LockWord* lock) {
  if (lock == nullptr) answer(state, CLOSED);
  else if (!is_mine(state, lock) || state->held == 0) answer(state, NOT_OWNER);  // held by another copy of the addon: it knows how often
  else if (one_level_up(state, lock)) answer(state, DONE);
  else if (lock->owner.load(std::memory_order_relaxed) & (OWNER_FLOW | OWNER_DIRTY)) answer(state, ASIDE);
  else unlock(state, lock, 0);
}

void LockRelease() {
  ThreadState* state = thread_state;
  LockWord* lock = lock_in(state);
  if (__builtin_expect(lock == nullptr || !is_mine(state, lock) || !state->recursions.empty() || state->held == 0, 0) ||
      __builtin_expect(lock->owner.load(std::memory_order_relaxed) != state->pid, 0)) {
    return release_otherwise(state, lock);
  }
  unlock(state, lock, 0);
}

// Releases a lock that LockRelease stepped aside for. regs[1]: the pid to leave in it as that of a dead owner, with the lock marked
// as not mended; -1: mended. Out: regs[2] is 1 if others wait for it.
void LockReleaseAs() {
  ThreadState* state = thread_state;
  LockWord* lock = lock_in(state);
  if (lock == nullptr) return answer(state, CLOSED);
  if (!is_mine(state, lock) || state->held == 0) return answer(state, NOT_OWNER);
  // All levels at once: whoever mended what a dead owner left may have gone deeper and then failed.
  for (size_t i = state->recursions.size(); i-- > 0;) {
    if (state->recursions[i].lock == lock) state->recursions.erase(state->recursions.begin() + static_cast<ptrdiff_t>(i));
  }
  state->regs[2] = mutex_word(&lock->mutex) & FUTEX_WAITERS ? 1 : 0;
  return unlock(state, lock, state->regs[1] < 0 ? 0 : static_cast<uint32_t>(state->regs[1]) | OWNER_DIRTY);
}

// One level deeper into a recursive lock that this thread holds.
void LockDeepen() {
  ThreadState* state = thread_state;
  LockWord* lock = lock_in(state);
  for (Recursion& recursion : state->recursions) {
    if (recursion.lock != lock) continue;
    ++recursion.extra;
    return answer(state, DONE);
  }
  state->recursions.push_back({lock, 1});
  return answer(state, DONE);
}

// What this thread holds it holds for an asynchronous flow from now on.
void LockToFlow() {
  lock_in(thread_state)->owner.fetch_or(OWNER_FLOW, std::memory_order_relaxed);
}

// Out: regs[1] the owning thread's id (0: free), regs[2] its process's, regs[3] 1 if an owner died unmended, regs[4] 1 if this thread holds
// it, regs[5] 1 if it does so for an asynchronous flow, regs[6] how often it has taken it.
void LockLook() {
  ThreadState* state = thread_state;
  const LockWord* lock = lock_in(state);
  if (lock == nullptr) return answer(state, CLOSED);
  uint32_t tid, owner;
  do {  // both of one moment, as far as they can be: the holder signs a few instructions after it locked
    tid = mutex_owner_tid(&lock->mutex);
    owner = lock->owner.load();
  } while (tid != mutex_owner_tid(&lock->mutex));
  state->regs[1] = tid;
  state->regs[2] = owner & OWNER_PID_MASK;
  state->regs[3] = owner & OWNER_DIRTY ? 1 : 0;
  state->regs[4] = tid == state->tid ? 1 : 0;
  state->regs[5] = tid == state->tid && (owner & OWNER_FLOW) ? 1 : 0;
  state->regs[6] = 1;
  for (const Recursion& recursion : state->recursions) {
    if (recursion.lock == lock) state->regs[6] += recursion.extra;
  }
  return answer(state, DONE);
}

}  // namespace

void export_locks(Napi::Env env, Napi::Object exports) {
  hot<LockTry<0>>(env, exports, "lockTry");
  hot<LockTry<OWNER_FLOW>>(env, exports, "lockTryFlow");
  plain<LockWait>(env, exports, "lockWait");
  hot<LockRelease>(env, exports, "lockRelease");
  plain<LockReleaseAs>(env, exports, "lockReleaseAs");
  plain<LockDeepen>(env, exports, "lockDeepen");
  plain<LockToFlow>(env, exports, "lockToFlow");
  plain<LockLook>(env, exports, "lockLook");
}

}  // namespace sharedctypes
