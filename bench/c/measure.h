// What the C peers share: the clock, loops timed as bench/measure.ts times them, and a mutex like ours.
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WARM_UP_NS = 100000000, BATCHES = 50 };

static inline double now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1e9 + at.tv_nsec;
}

static inline int by_size(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

// Sorts them. As members of a JSON object, each with `suffix` behind its name.
static inline void print_percentiles(double* all, long n, const char* suffix) {
  static const char* const percentiles[] = {"50", "90", "99", "99.9", "99.99"};
  qsort(all, n, sizeof *all, by_size);
  for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; ++i) {
    const double place = (n - 1) * atof(percentiles[i]) / 100;
    const long below = (long)place, above = below + 1 < n ? below + 1 : below;
    printf("%s\"p%s%s\": %f", i == 0 ? "" : ", ", percentiles[i], suffix, all[below] + (all[above] - all[below]) * (place - below));
  }
  printf(", \"max%s\": %f", suffix, all[n - 1]);
}

static long iterations;  // done in all

static inline double timed(long count, void (*loop)(long)) {
  const double start = now_ns();
  loop(count);
  iterations += count;
  return (now_ns() - start) / count;
}

static inline double ns_per_iteration(long n, void (*loop)(long)) {
  double batches[BATCHES];
  for (const double end = now_ns() + WARM_UP_NS; now_ns() < end;) timed(n / BATCHES, loop);
  for (int i = 0; i < BATCHES; ++i) batches[i] = timed(n / BATCHES, loop);
  qsort(batches, BATCHES, sizeof *batches, by_size);
  return (batches[BATCHES / 2 - 1] + batches[BATCHES / 2]) / 2;
}

static inline void* shared(size_t bytes) {
  void* memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) exit(1);
  return memory;
}

static inline void robust(pthread_mutexattr_t* attributes) {
  pthread_mutexattr_init(attributes);
  pthread_mutexattr_setpshared(attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_settype(attributes, PTHREAD_MUTEX_ERRORCHECK);
}

// A number with its lock, on a cache line of its own as ours are.
struct counter {
  pthread_mutex_t mutex;
  int number;
} __attribute__((aligned(64)));

#endif
