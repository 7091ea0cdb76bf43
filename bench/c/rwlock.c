// rwlock.c NAME N: read lock + unlock, any of 1,000 process-shared rwlocks.
#include "measure.h"

enum { LOCKS = 1000 };
// On cache lines of their own, as the locks of lock.c are.
struct line {
  pthread_rwlock_t lock;
} __attribute__((aligned(64)));
static struct line* lines;

static void loop(long n) {
  for (long done = 0; done < n; done += LOCKS) {
    for (int i = 0; i < LOCKS; ++i) {
      if (pthread_rwlock_rdlock(&lines[i].lock) != 0) exit(1);
      pthread_rwlock_unlock(&lines[i].lock);
    }
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  pthread_rwlockattr_t attributes;
  pthread_rwlockattr_init(&attributes);
  pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  lines = shared(LOCKS * sizeof *lines);
  for (int i = 0; i < LOCKS; ++i) pthread_rwlock_init(&lines[i].lock, &attributes);
  const double ns = ns_per_iteration(atol(argv[2]), loop);
  for (int i = 0; i < LOCKS; ++i) {
    // Nobody has it any more.
    if (pthread_rwlock_trywrlock(&lines[i].lock) != 0) return 1;
  }
  printf("{\"ns\": %f}\n", ns);
}
