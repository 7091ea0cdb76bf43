#include "mutex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "futex.h"
#include "spin.h"

namespace sharedctypes {

namespace {

pthread_mutexattr_t* robust_attributes() {
  static pthread_mutexattr_t* shared = [] {
    static pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    return &attributes;
  }();
  return shared;
}

}  // namespace

void mutex_init(pthread_mutex_t* mutex) {
  // Fails only for attributes the platform lacks, and then the library is of no use.
  if (pthread_mutex_init(mutex, robust_attributes()) != 0) abort();
}

bool mutex_sound(const pthread_mutex_t* mutex) {
#if defined(__GLIBC__)
  constexpr size_t KIND = 16;  // __kind, after lock, count, owner and nusers
#else
  constexpr size_t KIND = 0;  // _m_type
#endif
  static const pthread_mutex_t* fresh = [] {
    static pthread_mutex_t made;
    mutex_init(&made);
    return &made;
  }();
  return memcmp(reinterpret_cast<const char*>(mutex) + KIND, reinterpret_cast<const char*>(fresh) + KIND, sizeof(int)) == 0;
}

uint32_t mutex_futex_offset() {
  pthread_mutex_t probe;
  mutex_init(&probe);
  pthread_mutex_lock(&probe);
  const uint32_t tid = static_cast<uint32_t>(syscall(SYS_gettid));
  uint32_t offset = UINT_MAX;
  for (uint32_t at = 0; at + 4 <= sizeof probe && offset == UINT_MAX; at += 4) {
    if ((*reinterpret_cast<uint32_t*>(reinterpret_cast<char*>(&probe) + at) & FUTEX_TID_MASK) == tid) offset = at;
  }
  pthread_mutex_unlock(&probe);
  pthread_mutex_destroy(&probe);
  if (offset == UINT_MAX) abort();
  return offset;
}

namespace {

// Looks at a busy mutex a few times before sleeping on it, in the hope that its holder is about to leave: to sleep and be woken costs
// 20 µs and more. Between looks it stays away for longer and longer, because each look takes the cache line from the holder; that
// is what lets short critical sections of two processes run at 13 million a second instead of 7 (docs/adr/0008-spin.md).
// EBUSY: still busy.
int spin_for(pthread_mutex_t* mutex, int first_pauses, int last_pauses) {
  for (int pauses = first_pauses; several_cpus() && pauses <= last_pauses; pauses *= 2) {
    pause_cpu(pauses);
    if (mutex_owner_tid(mutex) != 0) continue;
    const int error = pthread_mutex_trylock(mutex);
    if (error != EBUSY) return error;
  }
  return EBUSY;
}

}  // namespace

int mutex_lock_for(pthread_mutex_t* mutex, int64_t nanoseconds) {
  const int spun = spin_for(mutex, 64, 512);
  if (spun != EBUSY) return spun;
#if defined(__GLIBC__)
  const timespec deadline = deadline_after(CLOCK_MONOTONIC, nanoseconds);
  return pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &deadline);
#else
  // musl knows only CLOCK_REALTIME. Callers wait in slices and measure by CLOCK_MONOTONIC themselves, so a clock that is set
  // shifts one slice at most.
  const timespec deadline = deadline_after(CLOCK_REALTIME, nanoseconds);
  return pthread_mutex_timedlock(mutex, &deadline);
#endif
}

int mutex_lock_soon(pthread_mutex_t* mutex) {
  int error = pthread_mutex_trylock(mutex);
  if (error == EBUSY) error = spin_for(mutex, 4, 256);
  return error == EBUSY ? pthread_mutex_lock(mutex) : error;
}

ShortLock::ShortLock(pthread_mutex_t* mutex) : mutex_(mutex) {
  const int error = mutex_lock_soon(mutex);
  if (error == EOWNERDEAD) pthread_mutex_consistent(mutex);
  else if (error != 0) abort();  // EDEADLK or ENOTRECOVERABLE: the arena is broken by something that is not ours
}

void wake_watchers(LockWord* lock) {
  uint32_t word = lock->wake.load(std::memory_order_relaxed);
  // The count moves so that a watcher about to sleep on the old value does not.
  while ((word & WAKE_WATCHED) && !lock->wake.compare_exchange_weak(word, (word + WAKE_STEP) & ~WAKE_WATCHED)) {
  }
  if (word & WAKE_WATCHED) futex_wake(&lock->wake, INT_MAX);
}

}  // namespace sharedctypes
