#include "futex.h"

#include <cerrno>

namespace sharedctypes {

timespec deadline_after(clockid_t clock, int64_t nanoseconds) {
  timespec at;
  clock_gettime(clock, &at);
  at.tv_sec += nanoseconds / 1000000000;
  at.tv_nsec += nanoseconds % 1000000000;
  if (at.tv_nsec >= 1000000000) {
    at.tv_nsec -= 1000000000;
    ++at.tv_sec;
  }
  return at;
}

bool futex_wait_any(const WaitWord* words, size_t count, int64_t nanoseconds) {
  const timespec until = deadline_after(CLOCK_MONOTONIC, nanoseconds);
  if (syscall(SYS_futex_waitv, words, count, 0, &until, CLOCK_MONOTONIC) >= 0) return true;
  return errno != ENOSYS && errno != EPERM;
}

}  // namespace sharedctypes
