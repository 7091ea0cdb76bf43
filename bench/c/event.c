// event.c NAME N: an atomic flag looked at (is_set), or set and cleared (set_clear): no less can be done where others look on.
#include <string.h>

#include "measure.h"

static atomic_int* flag;
static long seen;

static void look(long n) {
  for (long i = 0; i < n; ++i) seen += atomic_load(flag);
}

static void set_clear(long n) {
  for (long i = 0; i < n; ++i) {
    atomic_store(flag, 1);
    atomic_store(flag, 0);
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const int looks = strcmp(argv[1], "is_set") == 0;
  flag = shared(sizeof *flag);
  atomic_store(flag, looks);
  const double ns = ns_per_iteration(atol(argv[2]), looks ? look : set_clear);
  if (atomic_load(flag) != looks || seen != (looks ? iterations : 0)) return 1;
  printf("{\"ns\": %f}\n", ns);
}
