// contention.c NAME N: two processes, N locked increments each, from a common start.
#include "measure.h"

enum { WORKERS = 2 };
struct board {
  struct counter counter;
  atomic_int gate __attribute__((aligned(64)));
  double times[2 * WORKERS] __attribute__((aligned(64)));
};

static void count(struct board* board, int worker, long n) {
  struct counter* counter = &board->counter;
  atomic_fetch_add(&board->gate, 1);
  while (atomic_load(&board->gate) < WORKERS) {
  }
  board->times[2 * worker] = now_ns();
  for (long i = 0; i < n; ++i) {
    if (pthread_mutex_lock(&counter->mutex) != 0) exit(1);
    ++counter->number;
    pthread_mutex_unlock(&counter->mutex);
  }
  board->times[2 * worker + 1] = now_ns();
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long n = atol(argv[2]);
  pthread_mutexattr_t attributes;
  robust(&attributes);
  struct board* board = shared(sizeof *board);
  pthread_mutex_init(&board->counter.mutex, &attributes);
  for (int worker = 0; worker < WORKERS; ++worker) {
    if (fork() == 0) {
      count(board, worker, n);
      _exit(0);
    }
  }
  while (wait(NULL) > 0) {
  }
  if (board->counter.number != WORKERS * n) return 1;
  qsort(board->times, 2 * WORKERS, sizeof *board->times, by_size);
  printf("{\"ns\": %f}\n", (board->times[2 * WORKERS - 1] - board->times[0]) / (WORKERS * n));
}
