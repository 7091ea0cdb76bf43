// growth_arrays.c arrays BYTES: doubles in a memfd whose pages are reserved: to make it, to map it once more, to write a page for the first
// time, and to read an element later.
#include "measure.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <fcntl.h>
#include <string.h>

enum { MOST = 40, PAGE = 512, MOST_PAGES = 65536, READS = 50000 };
static const long MIB = 1 << 20;

static double* numbers;
static long pages, step, on_page, hop, place;
static double total;

static void must(int done) {
  if (!done) exit(1);
}

static double* map(int fd, size_t bytes) {
  double* mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  must(mapped != MAP_FAILED);
  return mapped;
}

static double median(double* times, int n) {
  qsort(times, n, sizeof *times, by_size);
  return (times[(n - 1) / 2] + times[n / 2]) / 2;
}

static void read_some(long n) {
  for (long i = 0; i < n; ++i) {
    place = (place + hop) % pages;
    total += numbers[place * step + i % on_page];
  }
}

static double touched(void) {
  const double start = now_ns();
  for (long page = 0; page < pages; ++page) numbers[page * step] = 1;
  return (now_ns() - start) / pages;
}

// All pages, or of the largest arrays so many, from one end to the other.
static void choose_pages(long length) {
  pages = (length + PAGE - 1) / PAGE < MOST_PAGES ? (length + PAGE - 1) / PAGE : MOST_PAGES;
  step = length / pages > PAGE ? length / pages : PAGE;
  on_page = length < PAGE ? length : PAGE;
  hop = (long)(pages * 0.618) | 1;
}

int main(int argc, char** argv) {
  if (argc != 3 || strcmp(argv[1], "arrays") != 0) return 2;
  const long bytes = atol(argv[2]);
  const int copies = bytes <= MIB ? MOST : bytes <= 32 * MIB ? 4 : 1;
  double created[MOST], attached[MOST];
  choose_pages(bytes / (long)sizeof *numbers);
  for (int i = 0; i < copies; ++i) {
    const double start = now_ns();
    const int fd = memfd_create("bench", MFD_CLOEXEC);
    must(fd >= 0 && fallocate(fd, 0, 0, bytes) == 0);
    numbers = map(fd, bytes);
    const double made = now_ns();
    map(fd, bytes);
    attached[i] = (now_ns() - made) / 1e3;
    created[i] = (made - start) / 1e3;
  }
  const double touch = touched();
  const double ns = ns_per_iteration(READS, read_some);
  must(total > 0);
  printf("{\"create\": %f, \"attach\": %f, \"touch\": %f, \"read\": %f}\n", median(created, copies), median(attached, copies), touch, ns);
}
