// wake_up.c NAME_PLACE[_looking][_each] N: one process wakes another, and is woken by it, through raw futexes, across processes.
// PLACE: each on a CPU of its own (apart), or both on one (together). With _looking, who waits looks for a while before it sleeps, and who
// wakes asks the kernel only if somebody sleeps. With _each, each trip is timed by itself.
#include "look.h"
#include "processes.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>

struct board {
  // One for each direction: a semaphore's permits, an event's flag, or just a number.
  atomic_int there __attribute__((aligned(64)));
  atomic_int back __attribute__((aligned(64)));
  // A condition: the sequence number moves with each notify, under a mutex like ours.
  pthread_mutex_t mutex __attribute__((aligned(64)));
  atomic_int sequence;
  int theirs;
  int answers __attribute__((aligned(64)));
  atomic_int sleepers __attribute__((aligned(64)));
};
static struct board* board;
static bool looking;

static void sleep_while(atomic_int* word, int number) {
  if (!looking) {
    syscall(SYS_futex, word, FUTEX_WAIT, number, NULL, NULL, 0);
    return;
  }
  if (look_while(word, number)) return;
  atomic_fetch_add(&board->sleepers, 1);
  syscall(SYS_futex, word, FUTEX_WAIT, number, NULL, NULL, 0);
  atomic_fetch_sub(&board->sleepers, 1);
}

// The word was changed before: who counts itself as a sleeper after this look finds it changed.
static void wake(atomic_int* word, int count) {
  if (looking && atomic_load(&board->sleepers) == 0) return;
  syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

static void acquire(atomic_int* permits) {
  for (;;) {
    int free = atomic_load(permits);
    while (free > 0) {
      if (atomic_compare_exchange_weak(permits, &free, free - 1)) return;
    }
    sleep_while(permits, 0);
  }
}

static void release(atomic_int* permits) {
  atomic_fetch_add(permits, 1);
  wake(permits, 1);
}

static void ask_semaphore(int i) {
  (void)i;
  release(&board->there);
  acquire(&board->back);
}

static void answer_semaphore(int i) {
  acquire(&board->there);
  board->answers = i;
  release(&board->back);
}

static void set(atomic_int* flag) {
  atomic_store(flag, 1);
  wake(flag, INT_MAX);
}

static void wait_and_clear(atomic_int* flag) {
  while (atomic_load(flag) == 0) sleep_while(flag, 0);
  atomic_store(flag, 0);
}

static void ask_event(int i) {
  (void)i;
  set(&board->there);
  wait_and_clear(&board->back);
}

static void answer_event(int i) {
  wait_and_clear(&board->there);
  board->answers = i;
  set(&board->back);
}

static void lock(void) {
  if (pthread_mutex_lock(&board->mutex) != 0) exit(1);
}

// Both with the mutex held.
static void wait_for_turn(int theirs) {
  while (board->theirs != theirs) {
    const int seen = atomic_load(&board->sequence);
    pthread_mutex_unlock(&board->mutex);
    sleep_while(&board->sequence, seen);
    lock();
  }
}

static void give_turn(int theirs) {
  board->theirs = theirs;
  atomic_fetch_add(&board->sequence, 1);
  wake(&board->sequence, 1);
}

static void ask_condition(int i) {
  (void)i;
  lock();
  give_turn(1);
  wait_for_turn(0);
  pthread_mutex_unlock(&board->mutex);
}

static void answer_condition(int i) {
  lock();
  wait_for_turn(1);
  board->answers = i;
  give_turn(0);
  pthread_mutex_unlock(&board->mutex);
}

static void await_number(atomic_int* word, int number) {
  while (atomic_load(word) != number) sleep_while(word, number - 1);
}

static void put_number(atomic_int* word, int number) {
  atomic_store(word, number);
  wake(word, 1);
}

static void ask_value(int i) {
  put_number(&board->there, i);
  await_number(&board->back, i);
}

static void answer_value(int i) {
  await_number(&board->there, i);
  board->answers = i;
  put_number(&board->back, i);
}

static const struct way {
  const char* name;
  void (*ask)(int);
  void (*answer)(int);
} ways[] = {{"semaphore", ask_semaphore, answer_semaphore},
            {"event", ask_event, answer_event},
            {"condition", ask_condition, answer_condition},
            {"value", ask_value, answer_value}};
static const struct way* way;

static void trip(int i) {
  way->ask(i);
  if (board->answers != i) exit(1);
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  char *name = strtok(argv[1], "_"), *place = strtok(NULL, "_");
  if (place == NULL) return 2;
  bool each = false;
  for (const char* how = strtok(NULL, "_"); how != NULL; how = strtok(NULL, "_")) {
    if (strcmp(how, "looking") == 0) looking = true;
    if (strcmp(how, "each") == 0) each = true;
  }
  const int last = atoi(argv[2]), apart = strcmp(place, "apart") == 0;
  for (size_t i = 0; i < sizeof ways / sizeof *ways; ++i) {
    if (strcmp(name, ways[i].name) == 0) way = &ways[i];
  }
  if (way == NULL) return 2;
  pthread_mutexattr_t attributes;
  robust(&attributes);
  board = shared(sizeof *board);
  pthread_mutex_init(&board->mutex, &attributes);
  if (fork_child() == 0) {
    take_cpu(apart ? 1 : 0);
    for (int i = 1; i <= last; ++i) way->answer(i);
    _exit(0);
  }
  take_cpu(0);
  if (each) {
    print_us_of_each(last, trip);
  } else {
    printf("{\"us\": %f}\n", us_per_round(last, trip));
  }
  join_children();
}
