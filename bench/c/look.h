// Looks at a word for a while before it sleeps on it, as native/core/spin.h does.
#ifndef BENCH_LOOK_H
#define BENCH_LOOK_H

#include <stdatomic.h>
#include <stdbool.h>

enum { PAUSES = 32, FEWEST_LOOKS = 2, MOST_LOOKS = 128, PROBE = 32 };
static int most_looks = MOST_LOOKS;  // grows while looking pays, and shrinks while it doesn't
static unsigned waits;

static inline void pause_cpu(void) {
  for (int i = 0; i < PAUSES; ++i) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
  }
}

// Whether the word became another in this time.
static inline bool look_while(atomic_int* word, int number) {
  const int most = ++waits % PROBE == 0 ? MOST_LOOKS : most_looks;
  for (int i = 0; i < most; ++i) {
    pause_cpu();
    if (atomic_load(word) == number) continue;
    most_looks = most_looks * 2 < MOST_LOOKS ? most_looks * 2 : MOST_LOOKS;
    return true;
  }
  most_looks = most_looks * 3 / 4 > FEWEST_LOOKS ? most_looks * 3 / 4 : FEWEST_LOOKS;
  return false;
}

#endif
