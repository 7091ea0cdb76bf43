// barrier.c NAME N: rounds of four processes, spread over the CPUs, that wait for each other at a process-shared barrier.
#include "processes.h"

enum { PARTIES = 4 };
struct party {
  int round, serial;
} __attribute__((aligned(64)));
struct board {
  pthread_barrier_t barrier;
  struct party parties[PARTIES];
};
static struct board* board;
static int party;

static void meet(int i) {
  struct party* own = &board->parties[party];
  own->round = i;
  if (pthread_barrier_wait(&board->barrier) == PTHREAD_BARRIER_SERIAL_THREAD) ++own->serial;
  // Nobody gets ahead by more than the round that it waits in.
  const int next = __atomic_load_n(&board->parties[(party + 1) % PARTIES].round, __ATOMIC_RELAXED);
  if (next != i && next != i + 1) exit(1);
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int last = atoi(argv[2]);
  board = shared(sizeof *board);
  pthread_barrierattr_t attributes;
  pthread_barrierattr_init(&attributes);
  pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&board->barrier, &attributes, PARTIES);
  for (int i = 1; i < PARTIES; ++i) {
    if (fork_child() != 0) continue;
    party = i;
    take_cpu(party);
    us_per_round(last, meet);
    _exit(0);
  }
  take_cpu(party);
  const double us = us_per_round(last, meet);
  join_children();
  int serial = 0;
  for (int i = 0; i < PARTIES; ++i) serial += board->parties[i].serial;
  if (serial != last) return 1;
  printf("{\"us\": %f}\n", us);
}
