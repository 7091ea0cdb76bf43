// round_trip.c NAME N: a number to another process and back, both looking at words until they change.
#include "measure.h"

struct board {
  atomic_int there __attribute__((aligned(64)));
  atomic_int back __attribute__((aligned(64)));
};

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int warm_up = 100, last = warm_up + atoi(argv[2]);
  struct board* board = shared(sizeof *board);
  if (fork() == 0) {
    for (int i = 1; i <= last; ++i) {
      while (atomic_load(&board->there) != i) {
      }
      atomic_store(&board->back, i);
    }
    _exit(0);
  }
  double start = 0;
  for (int i = 1; i <= last; ++i) {
    atomic_store(&board->there, i);
    while (atomic_load(&board->back) != i) {
    }
    if (i == warm_up) start = now_ns();
  }
  printf("{\"us\": %f}\n", (now_ns() - start) / (last - warm_up) / 1e3);
  wait(NULL);
}
