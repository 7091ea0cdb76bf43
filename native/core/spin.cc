#include "spin.h"

#include <sched.h>

namespace sharedctypes {

thread_local int spin_rounds = MOST_ROUNDS;
thread_local unsigned spin_waits = 0;

bool several_cpus() {
  static const bool several = [] {
    cpu_set_t set;
    // Fails where there are more CPUs than a cpu_set_t holds.
    return sched_getaffinity(0, sizeof set, &set) != 0 || CPU_COUNT(&set) > 1;
  }();
  return several;
}

}  // namespace sharedctypes
