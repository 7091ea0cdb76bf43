// lock.c NAME N: acquire + release, any of 1,000 robust process-shared mutexes.
#include "measure.h"

enum { LOCKS = 1000 };
static struct counter* locks;

static void loop(long n) {
  for (long done = 0; done < n; done += LOCKS) {
    for (int i = 0; i < LOCKS; ++i) {
      if (pthread_mutex_lock(&locks[i].mutex) != 0) exit(1);
      pthread_mutex_unlock(&locks[i].mutex);
    }
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  pthread_mutexattr_t attributes;
  robust(&attributes);
  locks = shared(LOCKS * sizeof *locks);
  for (int i = 0; i < LOCKS; ++i) pthread_mutex_init(&locks[i].mutex, &attributes);
  printf("{\"ns\": %f}\n", ns_per_iteration(atol(argv[2]), loop));
}
