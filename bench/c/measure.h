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
