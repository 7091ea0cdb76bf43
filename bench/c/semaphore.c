// semaphore.c NAME N: acquire + release, any of 1,000 process-shared semaphores.
#include <semaphore.h>

#include "measure.h"

enum { SEMAPHORES = 1000 };
// On cache lines of their own, as the locks of lock.c are.
struct line {
  sem_t semaphore;
} __attribute__((aligned(64)));
static struct line* lines;

static void loop(long n) {
  for (long done = 0; done < n; done += SEMAPHORES) {
    for (int i = 0; i < SEMAPHORES; ++i) {
      if (sem_wait(&lines[i].semaphore) != 0) exit(1);
      sem_post(&lines[i].semaphore);
    }
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  lines = shared(SEMAPHORES * sizeof *lines);
  for (int i = 0; i < SEMAPHORES; ++i) sem_init(&lines[i].semaphore, 1, 1);
  const double ns = ns_per_iteration(atol(argv[2]), loop);
  for (int i = 0; i < SEMAPHORES; ++i) {
    int value;
    sem_getvalue(&lines[i].semaphore, &value);
    if (value != 1) return 1;
  }
  printf("{\"ns\": %f}\n", ns);
}
