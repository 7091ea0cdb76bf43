// increments.c NAME N: one number, incremented under its mutex (locked), as one operation (atomic), or just so (unlocked).
#include "measure.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <string.h>

static struct counter* counter;

static void add_atomically(long n) {
  for (long i = 0; i < n; ++i) __atomic_fetch_add(&counter->number, 1, __ATOMIC_SEQ_CST);
}

static void add_unlocked(long n) {
  volatile int* number = &counter->number;
  for (long i = 0; i < n; ++i) *number = *number + 1;
}

static void add_locked(long n) {
  for (long i = 0; i < n; ++i) {
    if (pthread_mutex_lock(&counter->mutex) != 0) exit(1);
    ++counter->number;
    pthread_mutex_unlock(&counter->mutex);
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long n = atol(argv[2]);
  pthread_mutexattr_t attributes;
  robust(&attributes);
  counter = shared(sizeof *counter);
  pthread_mutex_init(&counter->mutex, &attributes);
  void (*loop)(long) = strcmp(argv[1], "locked") == 0 ? add_locked : strcmp(argv[1], "atomic") == 0 ? add_atomically : add_unlocked;
  const double ns = ns_per_iteration(n, loop);
  if (counter->number != (int)iterations) return 1;
  printf("{\"ns\": %f}\n", ns);
}
