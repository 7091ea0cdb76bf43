// queue_or_value.c value N: a child writes 10,000 numbers, each under a mutex like ours. whole: with its start and end; alone: without;
// again: in the same child, the median of the next times.
#include "processes.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <string.h>

enum { COUNT = 10000, AGAIN = 5 };

struct board {
  struct counter counter;
  double each[AGAIN];
};
static struct board* board;

static void write_all(int times) {
  for (int time = 0; time < times; ++time) {
    const double start = now_ns();
    for (int i = 0; i < COUNT; ++i) {
      if (pthread_mutex_lock(&board->counter.mutex) != 0) _exit(1);
      // Each is written, as another process could read it.
      *(volatile int*)&board->counter.number = i;
      pthread_mutex_unlock(&board->counter.mutex);
    }
    board->each[time] = now_ns() - start;
  }
}

static double go(int times) {
  const double begin = now_ns();
  if (fork_child() == 0) {
    write_all(times);
    _exit(0);
  }
  join_children();
  if (board->counter.number != COUNT - 1) exit(1);
  return (now_ns() - begin) / 1e6;
}

static double median(double* times, int n) {
  qsort(times, n, sizeof *times, by_size);
  return (times[(n - 1) / 2] + times[n / 2]) / 2;
}

int main(int argc, char** argv) {
  if (argc != 3 || strcmp(argv[1], "value") != 0) return 2;
  const int n = atoi(argv[2]);
  pthread_mutexattr_t attributes;
  robust(&attributes);
  board = shared(sizeof *board);
  pthread_mutex_init(&board->counter.mutex, &attributes);
  double *whole = malloc(n * sizeof *whole), *alone = malloc(n * sizeof *alone);
  go(1);
  for (int i = 0; i < n; ++i) {
    whole[i] = go(1);
    alone[i] = board->each[0] / 1e6;
  }
  go(AGAIN);
  const double again = median(board->each + 1, AGAIN - 1) / 1e6;
  printf("{\"whole\": %f, \"alone\": %f, \"again\": %f}\n", median(whole, n), median(alone, n), again);
}
