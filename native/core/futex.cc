#include "futex.h"

#include <cerrno>

namespace sharedctypes {

bool futex_wait_any(const WaitWord* words, size_t count, int64_t nanoseconds) {
  timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += nanoseconds / 1000000000;
  until.tv_nsec += nanoseconds % 1000000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_nsec -= 1000000000;
    ++until.tv_sec;
  }
  if (syscall(SYS_futex_waitv, words, count, 0, &until, CLOCK_MONOTONIC) >= 0) return true;
  return errno != ENOSYS && errno != EPERM;
}

}  // namespace sharedctypes
