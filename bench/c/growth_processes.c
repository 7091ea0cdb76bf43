// growth_processes.c all LIMIT: 1 to LIMIT processes that sleep on one futex: a mutex beside them, and waking them all.
#include "processes.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <limits.h>
#include <linux/futex.h>
#include <semaphore.h>
#include <string.h>
#include <sys/syscall.h>

enum { COUNTS = 7, MOST = 64, USES = 50000, ROUNDS = 9, WARM_UPS = 2 };

struct board {
  struct counter counter;
  atomic_int round __attribute__((aligned(64)));
  atomic_int arrived __attribute__((aligned(64)));
  int count;
  sem_t all;
};
static struct board* board;
static pid_t children[MOST];

static void must(int done) {
  if (!done) exit(1);
}

static void sleeper(int round) {
  for (;; ++round) {
    while (atomic_load(&board->round) == round) syscall(SYS_futex, &board->round, FUTEX_WAIT, round, NULL, NULL, 0);
    if (atomic_fetch_add(&board->arrived, 1) + 1 == board->count) sem_post(&board->all);
  }
}

static int asleep(pid_t child) {
  char path[32], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", child);
  FILE* stat = fopen(path, "r");
  must(stat != NULL);
  text[fread(text, 1, sizeof text - 1, stat)] = 0;
  fclose(stat);
  const char* behind = strrchr(text, ')');
  return behind != NULL && behind[2] == 'S';
}

static double us_to_wake(int count) {
  for (int i = 0; i < count; ++i) {
    while (!asleep(children[i]))
      ;
  }
  atomic_store(&board->arrived, 0);
  board->count = count;
  const double start = now_ns();
  atomic_fetch_add(&board->round, 1);
  syscall(SYS_futex, &board->round, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
  while (sem_wait(&board->all) != 0)
    ;
  must(atomic_load(&board->arrived) == count);
  return (now_ns() - start) / 1e3;
}

static void use(long n) {
  for (long i = 0; i < n; ++i) {
    if (pthread_mutex_lock(&board->counter.mutex) != 0) exit(1);
    pthread_mutex_unlock(&board->counter.mutex);
  }
}

int main(int argc, char** argv) {
  if (argc != 3 || strcmp(argv[1], "all") != 0) return 2;
  const int limit = atoi(argv[2]);
  pthread_mutexattr_t attributes;
  robust(&attributes);
  board = shared(sizeof *board);
  pthread_mutex_init(&board->counter.mutex, &attributes);
  sem_init(&board->all, 1, 0);
  int count = 0;
  const char* before = "{";
  for (int step = 0; step < COUNTS; ++step, before = ", ") {
    const int size = 1 << step;
    if (size > limit) {
      printf("%s\"use_%d\": null, \"wake_%d\": null", before, size, size);
      continue;
    }
    for (; count < size; ++count) {
      if ((children[count] = fork_child()) == 0) sleeper(atomic_load(&board->round));
    }
    double woken[ROUNDS];
    for (int i = -WARM_UPS; i < ROUNDS; ++i) {
      const double us = us_to_wake(size);
      if (i >= 0) woken[i] = us;
    }
    qsort(woken, ROUNDS, sizeof *woken, by_size);
    printf("%s\"use_%d\": %f, \"wake_%d\": %f", before, size, ns_per_iteration(USES, use), size, woken[ROUNDS / 2]);
  }
  printf("}\n");
  fflush(stdout);
  for (int i = 0; i < count; ++i) kill(children[i], SIGKILL);
}
