// hand_over.c before N: bytes in a mapping that both processes have; the other is told through a pipe, reads a byte of each page and
// answers with their sum. Sizes and times as in hand-over/sizes.ts.
#include "processes.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <string.h>

enum { SIZES = 5, FULL = 4, PAGE = 4096, FILL = 3 };
static const size_t GIB = 1 << 30;
static const size_t sizes[SIZES] = {1 << 10, 1 << 16, 1 << 20, 1 << 26, 1 << 30};
static const int times_of[SIZES] = {400, 200, 20, 2, 1};

static void must(int done) {
  if (!done) exit(1);
}

static long sum_of_pages(const unsigned char* bytes, size_t size) {
  long sum = 0;
  for (size_t i = 0; i < size; i += PAGE) sum += bytes[i];
  return sum;
}

static void answer_all(const unsigned char* bytes, int in, int out) {
  size_t size;
  while (read(in, &size, sizeof size) == sizeof size) {
    const long sum = sum_of_pages(bytes, size);
    if (write(out, &sum, sizeof sum) != sizeof sum) _exit(1);
  }
  _exit(0);
}

static double us_each(unsigned char* bytes, size_t size, int n, int out, int in) {
  double* times = malloc(n * sizeof *times);
  const long pages = (size + PAGE - 1) / PAGE;
  for (int i = -(n + 3) / 4; i < n; ++i) {
    bytes[0] = (unsigned char)i;
    const double start = now_ns();
    long sum;
    must(write(out, &size, sizeof size) == sizeof size && read(in, &sum, sizeof sum) == sizeof sum);
    if (i >= 0) times[i] = (now_ns() - start) / 1e3;
    must(sum == FILL * (pages - 1) + bytes[0]);
  }
  qsort(times, n, sizeof *times, by_size);
  return (times[(n - 1) / 2] + times[n / 2]) / 2;
}

int main(int argc, char** argv) {
  if (argc != 3 || strcmp(argv[1], "before") != 0) return 2;
  const int n = atoi(argv[2]);
  unsigned char* bytes = shared(GIB);
  int there[2], back[2];
  must(pipe(there) == 0 && pipe(back) == 0);
  if (fork_child() == 0) {
    close(there[1]);
    answer_all(bytes, there[0], back[1]);
  }
  const char* before = "{";
  for (int i = 0; i < SIZES; ++i) {
    if (sizes[i] == GIB && n < FULL) {
      printf("%s\"us_%zu\": null", before, sizes[i]);
    } else {
      memset(bytes, FILL, sizes[i]);
      printf("%s\"us_%zu\": %f", before, sizes[i], us_each(bytes, sizes[i], (times_of[i] * n + FULL - 1) / FULL, there[1], back[0]));
    }
    before = ", ";
  }
  printf("}\n");
  close(there[1]);
  join_children();
}
