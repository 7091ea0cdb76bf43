// What the C peers with several processes share: children, and rounds timed as bench/processes.ts times them.
#ifndef BENCH_PROCESSES_H
#define BENCH_PROCESSES_H

#include "measure.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

enum { BATCH = 100 };

// A child that is killed with its parent: it may sleep for ever otherwise, waiting for it.
static inline pid_t fork_child(void) {
  const pid_t parent = getpid(), child = fork();
  if (child < 0) exit(1);
  if (child == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)) _exit(1);
  return child;
}

// Moves this process to one of the CPUs that it may use, counted from 0 and around. Where the scheduler puts processes that wake each other
// makes a difference of 30 times, and is another place each time.
static inline void take_cpu(int place) {
  cpu_set_t usable, own;
  if (sched_getaffinity(0, sizeof usable, &usable) != 0) exit(1);
  int cpu = -1;
  for (int skip = place % CPU_COUNT(&usable); skip >= 0; --skip) {
    do ++cpu;
    while (!CPU_ISSET(cpu, &usable));
  }
  CPU_ZERO(&own);
  CPU_SET(cpu, &own);
  if (sched_setaffinity(0, sizeof own, &own) != 0) exit(1);
}

static inline void join_children(void) {
  int status;
  while (wait(&status) > 0) {
    if (status != 0) exit(1);
  }
}

// Does the rounds 1 ... last, and gives the µs that one took in each batch of so many; the first tenth of the batches are the warm-up.
static inline double* us_of_rounds(int last, int batch, void (*round)(int)) {
  double* times = malloc(last / batch * sizeof *times);
  double start = now_ns();
  for (int i = 1; i <= last; ++i) {
    round(i);
    if (i % batch != 0) continue;
    const double now = now_ns();
    times[i / batch - 1] = (now - start) / batch / 1e3;
    start = now;
  }
  return times;
}

// The median of the batches.
static inline double us_per_round(int last, void (*round)(int)) {
  const int batches = last / BATCH, warm_up = batches / 10;
  double* times = us_of_rounds(last, BATCH, round);
  qsort(times + warm_up, batches - warm_up, sizeof *times, by_size);
  const int n = batches - warm_up;
  return (times[warm_up + (n - 1) / 2] + times[warm_up + n / 2]) / 2;
}

// What each took by itself, with a look at the clock.
static inline void print_us_of_each(int last, void (*round)(int)) {
  const int warm_up = last / 10;
  printf("{");
  print_percentiles(us_of_rounds(last, 1, round) + warm_up, last - warm_up, "");
  printf("}\n");
}

#endif
