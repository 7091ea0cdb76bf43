// What ThreadSanitizer has to be told of.
#if defined(__SANITIZE_THREAD__)

#include <pthread.h>
#include <time.h>

// libtsan of gcc 12 knows pthread_mutex_timedlock but not pthread_mutex_clocklock: what was locked by that would be unlocked out of
// nothing. Only for threads of this build; that a lock is robust plays no part there, because no thread dies holding one (libtsan takes
// EOWNERDEAD from a timed lock for a failure).
extern "C" int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* until) {
  timespec now, deadline;
  clock_gettime(clock, &now);
  clock_gettime(CLOCK_REALTIME, &deadline);
  deadline.tv_sec += until->tv_sec - now.tv_sec;
  deadline.tv_nsec += until->tv_nsec - now.tv_nsec;
  if (deadline.tv_nsec < 0) deadline.tv_nsec += 1000000000, --deadline.tv_sec;
  if (deadline.tv_nsec >= 1000000000) deadline.tv_nsec -= 1000000000, ++deadline.tv_sec;
  return pthread_mutex_timedlock(mutex, &deadline);
}

#endif
