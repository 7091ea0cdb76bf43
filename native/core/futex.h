// The futex calls that the library makes. Never private: the words lie in memory that processes share.
#ifndef SHAREDCTYPES_CORE_FUTEX_H
#define SHAREDCTYPES_CORE_FUTEX_H

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

namespace sharedctypes {

// The kernel's struct futex_waitv and its limit (Linux 5.16), for older headers.
struct WaitWord {
  uint64_t value;
  uint64_t address;
  uint32_t flags;
  uint32_t reserved;
};
constexpr uint32_t WAIT_32_BIT = 2;
constexpr size_t WAIT_LIMIT = 128;

inline WaitWord wait_word(const void* word, uint32_t value) {
  return {value, reinterpret_cast<uint64_t>(word), WAIT_32_BIT, 0};
}

inline timespec now() {
  timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at;
}
inline int64_t nanoseconds_since(const timespec& start) {
  const timespec at = now();
  return int64_t{at.tv_sec - start.tv_sec} * 1000000000 + (at.tv_nsec - start.tv_nsec);
}

inline int futex_wake(const void* word, int count) {
  return static_cast<int>(syscall(SYS_futex, word, FUTEX_WAKE, count, nullptr, nullptr, 0));
}

// Sleeps while the word has this value, `nanoseconds` at most (< 0: for ever); counted by CLOCK_MONOTONIC.
inline void futex_wait(const void* word, uint32_t value, int64_t nanoseconds) {
  const timespec span = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  syscall(SYS_futex, word, FUTEX_WAIT, value, nanoseconds < 0 ? nullptr : &span, nullptr, 0);
}

// So many nanoseconds from now.
timespec deadline_after(clockid_t clock, int64_t nanoseconds);

// Sleeps while all words have their values. False: this kernel, or a sandbox, has no such call.
bool futex_wait_any(const WaitWord* words, size_t count, int64_t nanoseconds);

}  // namespace sharedctypes

#endif
