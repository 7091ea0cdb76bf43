// contended_lock.c NAME N. increments: two processes, N locked increments each, from a common start. contend: up to eight that take one
// lock again and again, in phases of N ms, as in bench/contenders.ts.
#include "processes.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <semaphore.h>
#include <string.h>

enum { PARTIES = 8, REMEMBERED = 1 << 15, PAIR = 2 };
static const int crowds[] = {1, 2, 4, 8};
enum { CROWDS = sizeof crowds / sizeof *crowds };

static struct board {
  struct counter counter;
  atomic_int moment __attribute__((aligned(64)));  // odd while a phase runs
  atomic_int gate __attribute__((aligned(64)));
  sem_t done, starts[PARTIES];
  long counts[PARTIES];
  double ends[2 * PAIR];
  double times[PARTIES][REMEMBERED];
}* board;

static void take(void) {
  if (pthread_mutex_lock(&board->counter.mutex) != 0) exit(1);
}

static void count_and_let_go(void) {
  ++board->counter.number;
  pthread_mutex_unlock(&board->counter.mutex);
}

static void increment(int worker, long n) {
  atomic_fetch_add(&board->gate, 1);
  while (atomic_load(&board->gate) < PAIR) {
  }
  board->ends[2 * worker] = now_ns();
  for (long i = 0; i < n; ++i) {
    take();
    count_and_let_go();
  }
  board->ends[2 * worker + 1] = now_ns();
}

static int increments(long n) {
  for (int worker = 0; worker < PAIR; ++worker) {
    if (fork_child() == 0) {
      increment(worker, n);
      _exit(0);
    }
  }
  join_children();
  if (board->counter.number != PAIR * n) return 1;
  qsort(board->ends, 2 * PAIR, sizeof *board->ends, by_size);
  printf("{\"ns\": %f}\n", (board->ends[2 * PAIR - 1] - board->ends[0]) / (PAIR * n));
  return 0;
}

static long contend(int moment) {
  long taken = 0;
  do {
    take();
    count_and_let_go();
    ++taken;
  } while (atomic_load_explicit(&board->moment, memory_order_relaxed) == moment);
  return taken;
}

static long contend_timed(int moment, double* times) {
  long taken = 0;
  do {
    const double start = now_ns();
    take();
    times[taken % REMEMBERED] = (now_ns() - start) / 1e3;
    count_and_let_go();
    ++taken;
  } while (atomic_load_explicit(&board->moment, memory_order_relaxed) == moment);
  return taken;
}

// Two phases of all for the warm-up, then each crowd, then each crowd timed.
enum { WARM_UPS = 2, PHASES = WARM_UPS + 2 * CROWDS };
static int crowd_of(int phase) { return phase < WARM_UPS ? PARTIES : crowds[(phase - WARM_UPS) % CROWDS]; }
static int is_timed(int phase) { return phase == 1 || phase >= WARM_UPS + CROWDS; }

static void party(int own) {
  memset(board->times[own], 0, sizeof board->times[own]);  // touched, so that no page is new later
  sem_post(&board->done);
  for (int phase = 0; phase < PHASES; ++phase) {
    if (own >= crowd_of(phase)) continue;
    sem_wait(&board->starts[own]);
    const int moment = 2 * phase + 1;
    board->counts[own] = is_timed(phase) ? contend_timed(moment, board->times[own]) : contend(moment);
    sem_post(&board->done);
  }
  _exit(0);
}

static void report_times(int crowd) {
  double* all = malloc(crowd * sizeof board->times[0]);
  long n = 0;
  for (int i = 0; i < crowd; ++i) {
    const long known = board->counts[i] < REMEMBERED ? board->counts[i] : REMEMBERED;
    memcpy(all + n, board->times[i], known * sizeof *all);
    n += known;
  }
  char suffix[8];
  snprintf(suffix, sizeof suffix, "_%d", crowd);
  print_percentiles(all, n, suffix);
  printf(", ");
  free(all);
}

static void report_rate(int crowd, double ms) {
  long all = 0, least = board->counts[0], most = board->counts[0];
  for (int i = 0; i < crowd; ++i) {
    const long count = board->counts[i];
    all += count - 1;  // each was at it when time was over
    if (count < least) least = count;
    if (count > most) most = count;
  }
  const double fairness = most == 1 ? 0 : (least - 1.0) / (most - 1.0);
  printf("\"rate_%d\": %f, \"fairness_%d\": %f, ", crowd, all / ms, crowd, fairness);
}

static void wait_for(int crowd) {
  for (int i = 0; i < crowd; ++i) sem_wait(&board->done);
}

static int contention(long ms) {
  sem_init(&board->done, 1, 0);
  for (int i = 0; i < PARTIES; ++i) sem_init(&board->starts[i], 1, 0);
  for (int i = 0; i < PARTIES; ++i) {
    if (fork_child() == 0) party(i);
  }
  wait_for(PARTIES);
  long taken = 0;
  printf("{");
  for (int phase = 0; phase < PHASES; ++phase) {
    const int crowd = crowd_of(phase);
    const double start = now_ns();
    atomic_store(&board->moment, 2 * phase + 1);
    for (int i = 0; i < crowd; ++i) sem_post(&board->starts[i]);
    usleep(ms * 1000);
    atomic_store(&board->moment, 2 * phase + 2);
    const double took = (now_ns() - start) / 1e6;
    wait_for(crowd);
    for (int i = 0; i < crowd; ++i) taken += board->counts[i];
    if (phase < WARM_UPS) continue;
    if (is_timed(phase)) {
      report_times(crowd);
    } else {
      report_rate(crowd, took);
    }
  }
  printf("\"taken\": %ld}\n", taken);
  join_children();
  return board->counter.number == (int)taken ? 0 : 1;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long n = atol(argv[2]);
  pthread_mutexattr_t attributes;
  robust(&attributes);
  board = shared(sizeof *board);
  pthread_mutex_init(&board->counter.mutex, &attributes);
  return strcmp(argv[1], "increments") == 0 ? increments(n) : contention(n);
}
