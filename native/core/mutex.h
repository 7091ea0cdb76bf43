// The robust mutex: pthread's, with what this library keeps beside it.
#ifndef SHAREDCTYPES_CORE_MUTEX_H
#define SHAREDCTYPES_CORE_MUTEX_H

#include <linux/futex.h>
#include <pthread.h>

#include "layout.h"

namespace sharedctypes {

// Makes a mutex: robust, process-shared, error-checking (so that a second lock by its thread answers EDEADLK instead of hanging).
void mutex_init(pthread_mutex_t* mutex);

// Where in a pthread_mutex_t the kernel's futex word lies. The robust-futex ABI fixes its contents (owner's tid, FUTEX_WAITERS,
// FUTEX_OWNER_DIED), not its place, so it is found once by locking a mutex and looking for our tid.
uint32_t mutex_futex_offset();

// The same as a constant, for the fast path; module start compares the two.
#if defined(__GLIBC__)
constexpr uint32_t MUTEX_FUTEX_OFFSET = 0;
#else
constexpr uint32_t MUTEX_FUTEX_OFFSET = 4;
#endif

// Whether the part of a mutex that never changes is that of a mutex of ours. The C library asserts what else it may be, and aborts.
bool mutex_sound(const pthread_mutex_t* mutex);

// The futex word itself: who holds the mutex, without asking the C library. A snapshot.
inline uint32_t mutex_word(const pthread_mutex_t* mutex) {
  const auto* word = reinterpret_cast<const uint32_t*>(reinterpret_cast<const char*>(mutex) + MUTEX_FUTEX_OFFSET);
  return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}
inline uint32_t mutex_owner_tid(const pthread_mutex_t* mutex) {
  return mutex_word(mutex) & FUTEX_TID_MASK;
}

// Waits until the mutex is taken or `nanoseconds` of CLOCK_MONOTONIC have passed. 0, ETIMEDOUT, EOWNERDEAD, EDEADLK, …
int mutex_lock_for(pthread_mutex_t* mutex, int64_t nanoseconds);

// Takes a mutex that is never held for long: looks a few times before it sleeps. 0, EOWNERDEAD, …
int mutex_lock_soon(pthread_mutex_t* mutex);

// Locks a mutex of ours whose critical sections are short and leave a usable state after every store: a dead owner needs no mending.
class ShortLock {
 public:
  explicit ShortLock(pthread_mutex_t* mutex);
  ~ShortLock() { pthread_mutex_unlock(mutex_); }
  ShortLock(const ShortLock&) = delete;
  ShortLock& operator=(const ShortLock&) = delete;

 private:
  pthread_mutex_t* mutex_;
};

// Tells the watchers of a lock that it was just unlocked. Call after pthread_mutex_unlock.
void wake_watchers(LockWord* lock);

inline void after_unlock(LockWord* lock) {
#if defined(__x86_64__)
  // pthread_mutex_unlock ended in a locked instruction, which on x86 orders the store before this load.
  std::atomic_signal_fence(std::memory_order_seq_cst);
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
  if (__builtin_expect(lock->wake.load(std::memory_order_relaxed) & WAKE_WATCHED, 0)) wake_watchers(lock);
}

}  // namespace sharedctypes

#endif
