// round_trip.c NAME N: a number to another process and back, both looking at words until they change.
#include "measure.h"

enum { BATCH = 100 };
struct board {
  atomic_int there __attribute__((aligned(64)));
  atomic_int back __attribute__((aligned(64)));
};

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int last = atoi(argv[2]), batches = last / BATCH, warm_up = batches / 10;
  struct board* board = shared(sizeof *board);
  double* times = malloc(batches * sizeof *times);
  if (fork() == 0) {
    for (int i = 1; i <= last; ++i) {
      while (atomic_load(&board->there) != i) {
      }
      atomic_store(&board->back, i);
    }
    _exit(0);
  }
  double start = now_ns();
  for (int i = 1; i <= last; ++i) {
    atomic_store(&board->there, i);
    while (atomic_load(&board->back) != i) {
    }
    if (i % BATCH != 0) continue;
    times[i / BATCH - 1] = (now_ns() - start) / BATCH / 1e3;
    start = now_ns();
  }
  wait(NULL);
  qsort(times + warm_up, batches - warm_up, sizeof *times, by_size);
  printf("{\"us\": %f}\n", times[warm_up + (batches - warm_up) / 2]);
}
