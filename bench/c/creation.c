// creation.c NAME N: mutexes (with a number) made one after another in a fresh mapping, which is not less than anybody has to do.
#include "measure.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long n = atol(argv[2]), warm_up = n / 4;
  pthread_mutexattr_t attributes;
  robust(&attributes);
  struct counter* made = shared((warm_up + n) * sizeof *made);
  double start = 0;
  for (long i = 0; i < warm_up + n; ++i) {
    if (i == warm_up) start = now_ns();
    pthread_mutex_init(&made[i].mutex, &attributes);
    made[i].number = (int)i;
  }
  const double us = (now_ns() - start) / n / 1e3;
  printf("{\"us\": %f, \"bytes\": %zu}\n", us, sizeof *made);
}
