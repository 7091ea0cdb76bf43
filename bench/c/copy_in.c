// copy_in.c NAME N: memcpy of 256 MiB into a block of /dev/shm. present: its pages are there. fresh: they come with the first write to
// each, in a block as CPython makes it (ftruncate); fresh_reserved: as ours is made (fallocate); fresh_populated: and all of them mapped by
// one call.
#include "measure.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static const size_t SIZE = 1 << 28;

static void must(int done) {
  if (!done) exit(1);
}

static char* make(int reserve, int populate) {
  char path[64];
  snprintf(path, sizeof path, "/dev/shm/sharedctypes-bench-%d", getpid());
  const int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  must(fd >= 0 && unlink(path) == 0);
  must((reserve ? fallocate(fd, 0, 0, SIZE) : ftruncate(fd, SIZE)) == 0);
  char* block = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  must(block != MAP_FAILED && close(fd) == 0);
  if (populate) must(madvise(block, SIZE, MADV_POPULATE_WRITE) == 0);
  return block;
}

static double median(double* times, long n) {
  qsort(times, n, sizeof *times, by_size);
  return (times[(n - 1) / 2] + times[n / 2]) / 2;
}

static void present(const char* source, long n) {
  double* times = malloc(n * sizeof *times);
  char* block = make(0, 0);
  memcpy(block, source, SIZE);
  for (long i = 0; i < n; ++i) {
    const double start = now_ns();
    memcpy(block, source, SIZE);
    times[i] = (now_ns() - start) / 1e6;
    must(block[SIZE - 1] == source[SIZE - 1]);
  }
  printf("{\"ms\": %f}\n", median(times, n));
}

static void fresh(const char* source, long n, int reserve, int populate) {
  double *created = malloc(n * sizeof *created), *copied = malloc(n * sizeof *copied), *both = malloc(n * sizeof *both);
  for (long i = 0; i < n; ++i) {
    const double start = now_ns();
    char* block = make(reserve, populate);
    const double made = now_ns();
    memcpy(block, source, SIZE);
    const double end = now_ns();
    must(block[SIZE - 1] == source[SIZE - 1] && munmap(block, SIZE) == 0);
    created[i] = (made - start) / 1e6;
    copied[i] = (end - made) / 1e6;
    both[i] = (end - start) / 1e6;
  }
  printf("{\"created\": %f, \"copied\": %f, \"both\": %f}\n", median(created, n), median(copied, n), median(both, n));
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long n = atol(argv[2]);
  char* source = malloc(SIZE);
  must(source != NULL);
  memset(source, 0x5a, SIZE);
  if (strcmp(argv[1], "present") == 0) {
    present(source, n);
  } else if (strncmp(argv[1], "fresh", 5) == 0) {
    fresh(source, n, argv[1][5] != 0, strcmp(argv[1], "fresh_populated") == 0);
  } else {
    return 2;
  }
}
