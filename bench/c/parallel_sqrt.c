// parallel_sqrt.c shared N: square roots of N doubles in place, by 1, 2 and 4 processes that wait at semaphores, per element; and all of
// them once by 2, with their start and end.
#include "processes.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <semaphore.h>
#include <string.h>

enum { MOST = 4, PASSES = 5, WARM_UPS = 2 };

struct worker {
  sem_t gate;
  long from, to;
};
struct board {
  struct worker workers[MOST];
  sem_t done;
};
static struct board* board;
static double* numbers;
static long length;

// One instruction, as V8 makes of Math.sqrt; the library's function would look at errno too.
static inline double root(double x) {
#if defined(__x86_64__)
  double result;
  __asm__("sqrtsd %1, %0" : "=x"(result) : "x"(x));
  return result;
#elif defined(__aarch64__)
  double result;
  __asm__("fsqrt %d0, %d1" : "=w"(result) : "w"(x));
  return result;
#else
#error "root: another machine"
#endif
}

static void take_roots(long from, long to) {
  for (long i = from; i < to; ++i) numbers[i] = root(numbers[i]);
}

static void work(struct worker* worker) {
  for (;;) {
    while (sem_wait(&worker->gate) != 0)
      ;
    if (worker->from == worker->to) _exit(0);
    take_roots(worker->from, worker->to);
    sem_post(&board->done);
  }
}

static void restore(void) {
  for (long i = 0; i < length; ++i) numbers[i] = (double)i;
}

static void pass(int count) {
  const long size = (length + count - 1) / count;
  for (int i = 0; i < count; ++i) {
    struct worker* worker = &board->workers[i];
    worker->from = i * size;
    worker->to = worker->from + size < length ? worker->from + size : length;
    sem_post(&worker->gate);
  }
  for (int i = 0; i < count; ++i) {
    while (sem_wait(&board->done) != 0)
      ;
  }
}

static double ns_by(int count) {
  double times[PASSES];
  for (int i = -WARM_UPS; i < PASSES; ++i) {
    restore();
    const double start = now_ns();
    pass(count);
    if (i >= 0) times[i] = (now_ns() - start) / length;
  }
  qsort(times, PASSES, sizeof *times, by_size);
  return times[PASSES / 2];
}

static double started_ms(void) {
  restore();
  const double start = now_ns();
  for (int i = 0; i < 2; ++i) {
    if (fork_child() == 0) {
      take_roots(i * (length / 2), i == 0 ? length / 2 : length);
      _exit(0);
    }
  }
  join_children();
  return (now_ns() - start) / 1e6;
}

static void expect_roots(void) {
  for (long i = 0; i < length; i += 997) {
    if (numbers[i] != root((double)i)) exit(1);
  }
}

int main(int argc, char** argv) {
  if (argc != 3 || strcmp(argv[1], "shared") != 0) return 2;
  length = atol(argv[2]);
  numbers = shared(length * sizeof *numbers);
  board = shared(sizeof *board);
  sem_init(&board->done, 1, 0);
  for (int i = 0; i < MOST; ++i) {
    sem_init(&board->workers[i].gate, 1, 0);
    if (fork_child() == 0) work(&board->workers[i]);
  }
  const double by1 = ns_by(1), by2 = ns_by(2), by4 = ns_by(4);
  expect_roots();
  for (int i = 0; i < MOST; ++i) {
    board->workers[i].from = board->workers[i].to = 0;
    sem_post(&board->workers[i].gate);
  }
  join_children();
  const double ms = started_ms();
  expect_roots();
  printf("{\"ns_1\": %f, \"ns_2\": %f, \"ns_4\": %f, \"ms\": %f}\n", by1, by2, by4, ms);
}
