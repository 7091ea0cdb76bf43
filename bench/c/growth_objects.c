// growth_objects.c values N: N numbers with mutexes like ours, in one mapping: to make each, to take one here and there, bytes of each.
#include "measure.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <string.h>

enum { HOP = 7919, USES = 50000 };

static struct counter* counters;
static long count, place, total;

static void use(long n) {
  for (long i = 0; i < n; ++i) {
    place = (place + HOP) % count;
    struct counter* counter = &counters[place];
    if (pthread_mutex_lock(&counter->mutex) != 0) exit(1);
    total += counter->number;
    pthread_mutex_unlock(&counter->mutex);
  }
}

int main(int argc, char** argv) {
  if (argc != 3 || strcmp(argv[1], "values") != 0) return 2;
  count = atol(argv[2]);
  const double start = now_ns();
  counters = shared(count * sizeof *counters);
  for (long i = 0; i < count; ++i) {
    pthread_mutexattr_t attributes;
    robust(&attributes);
    pthread_mutex_init(&counters[i].mutex, &attributes);
    counters[i].number = (int)i;
  }
  const double create = (now_ns() - start) / 1e3 / count;
  const double ns = ns_per_iteration(USES, use);
  if (total == 0) return 1;
  printf("{\"create\": %f, \"use\": %f, \"bytes\": %zu}\n", create, ns, sizeof *counters);
}
