// increments.c NAME N: one number, incremented under its mutex.
#include "measure.h"

static struct counter* counter;

static void loop(long n) {
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
  const double ns = ns_per_iteration(n, loop);
  if (counter->number != (int)iterations) return 1;
  printf("{\"ns\": %f}\n", ns);
}
