// shared_memory.c NAME N: blocks of 4 KiB, made as CPython makes them, and as ours are: in one piece, with their pages reserved.
#include "measure.h"
// Behind measure.h, which says _GNU_SOURCE.
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { SIZE = 4096 };
static char name[64], path[80];

static void must(int done) {
  if (!done) exit(1);
}

static void map_and_close(int fd) {
  void* memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  must(memory != MAP_FAILED && munmap(memory, SIZE) == 0 && close(fd) == 0);
}

static int make(void) {
  const int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
  must(fd >= 0 && ftruncate(fd, SIZE) == 0);
  return fd;
}

static void create(long n) {
  for (long i = 0; i < n; ++i) {
    map_and_close(make());
    must(shm_unlink(name) == 0);
  }
}

static void create_linked(long n) {
  for (long i = 0; i < n; ++i) {
    char self[32];
    const int fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    must(fd >= 0 && fallocate(fd, 0, 0, SIZE) == 0);
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    must(linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0);
    map_and_close(fd);
    must(unlink(path) == 0);
  }
}

static void attach(long n) {
  for (long i = 0; i < n; ++i) {
    struct stat status;
    const int fd = shm_open(name, O_RDWR, 0);
    must(fd >= 0 && fstat(fd, &status) == 0 && status.st_size == SIZE);
    map_and_close(fd);
  }
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const long n = atol(argv[2]);
  snprintf(name, sizeof name, "/sharedctypes-bench-%d", getpid());
  snprintf(path, sizeof path, "/dev/shm%s", name);
  double ns = 0;
  if (strcmp(argv[1], "create") == 0) ns = ns_per_iteration(n, create);
  if (strcmp(argv[1], "create_linked") == 0) ns = ns_per_iteration(n, create_linked);
  if (strcmp(argv[1], "attach") == 0) {
    close(make());
    ns = ns_per_iteration(n, attach);
    shm_unlink(name);
  }
  if (ns == 0) return 2;
  printf("{\"us\": %f}\n", ns / 1e3);
}
