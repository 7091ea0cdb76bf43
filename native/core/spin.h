// A short spin before sleeping: to sleep on a futex and be woken costs 20 µs and more, and what is waited for is often there sooner.
#ifndef SHAREDCTYPES_CORE_SPIN_H
#define SHAREDCTYPES_CORE_SPIN_H

#include <cstdint>

namespace sharedctypes {

// Whether this process may run on more than one CPU (sched_getaffinity, asked once): on one, whoever we wait for can't run while we spin.
bool several_cpus();

inline void pause_cpu(int times) {
  for (int i = 0; i < times; ++i) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
  }
}

// How long this thread spins at most, in rounds of SPIN_PAUSES. Grows while spinning pays and shrinks while it doesn't
// (docs/adr/0014-spin-for-wake-ups.md).
constexpr int SPIN_PAUSES = 32, FEWEST_ROUNDS = 2, MOST_ROUNDS = 128;
// Every so many waits a full one, or two that have both begun to sleep would never find out that spinning pays again.
constexpr unsigned PROBE = 32;
extern thread_local int spin_rounds;
extern thread_local unsigned spin_waits;

// Spins until `done()`; false: it took too long, sleep.
template <typename Done>
bool spin_until(Done done) {
  if (done()) return true;
  if (!several_cpus()) return false;
  const int most = ++spin_waits % PROBE == 0 ? MOST_ROUNDS : spin_rounds;
  for (int round = 0; round < most; ++round) {
    pause_cpu(SPIN_PAUSES);
    if (done()) {
      spin_rounds = spin_rounds * 2 < MOST_ROUNDS ? spin_rounds * 2 : MOST_ROUNDS;
      return true;
    }
  }
  spin_rounds = spin_rounds * 3 / 4 > FEWEST_ROUNDS ? spin_rounds * 3 / 4 : FEWEST_ROUNDS;
  return false;
}

}  // namespace sharedctypes

#endif
