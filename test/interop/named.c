// A C program that uses named objects of sharedctypes as docs/LAYOUT.md tells it to: every offset below is from that page, none from the
// library's headers. For test/interop/named.test.ts.
//
//   named inspect NAME              prints the header, a field a line
//   named read NAME INDEX           prints an element
//   named write NAME INDEX VALUE    locks, writes, unlocks
//   named double NAME               locks, doubles every element, unlocks
//   named increment NAME COUNT      at a line on stdin: COUNT times locks, adds one, unlocks
//   named hold NAME sign|mute       locks, says so, waits for a line on stdin, unlocks; sign: writes its pid beside the lock
//   named take NAME                 locks, says whether an owner had died and what the first element is, mends, unlocks
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char* base;
static uint64_t file_size;

static uint32_t u32(uint64_t at) {
  uint32_t value;
  memcpy(&value, base + at, sizeof value);
  return value;
}

static uint64_t u64(uint64_t at) {
  uint64_t value;
  memcpy(&value, base + at, sizeof value);
  return value;
}

static void fail(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static void check(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "not as documented: %s\n", what);
  exit(2);
}

static void open_object(const char* name) {
  char path[256];
  snprintf(path, sizeof path, "/%s", name);
  const int fd = shm_open(path, O_RDWR, 0);
  if (fd < 0) fail("shm_open");
  struct stat info;
  if (fstat(fd, &info) != 0) fail("fstat");
  file_size = (uint64_t)info.st_size;
  base = mmap(NULL, file_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) fail("mmap");
  close(fd);
  check(memcmp(base, "SHCTYPES", 8) == 0, "magic");
  check(u32(8) == 2, "version");
  check(u32(12) == 2, "segment kind: one object");
  check(u64(16) == file_size, "size");
  check(u32(36) == sizeof(pthread_mutex_t), "mutex size");
  check(u64(72) == 0 || u64(72) == 256, "lock offset");
  check(u64(80) == (320 + u64(56) * u64(64) <= 4096 ? 320u : 4096u), "data offset");
  check(u64(128) == (u64(80) + u64(56) * u64(64) + 63) / 64 * 64, "slots behind the data");
  check(u64(136) == u64(128) + 320, "lot behind the slots");
  check(u64(144) == file_size - u64(136), "lot to the end");
  for (int i = 0; i < 7; i++) check(u64(152 + 8 * (uint64_t)i) == 0, "reserved");
}

// The 32-bit FNV-1a hash of a type's format.
static uint32_t fingerprint(const char* format) {
  uint32_t hash = 0x811c9dc5u;
  for (; *format != '\0'; format++) hash = (hash ^ (uint8_t)*format) * 0x01000193u;
  return hash;
}

static pthread_mutex_t* mutex(void) {
  return (pthread_mutex_t*)(base + u64(72));
}
static uint32_t* owner(void) {
  return (uint32_t*)(base + u64(72) + 48);
}

// 1 if an owner had died.
static int take(void) {
  const int error = pthread_mutex_lock(mutex());
  if (error == EOWNERDEAD) {
    pthread_mutex_consistent(mutex());
    return 1;
  }
  errno = error;
  if (error != 0) fail("pthread_mutex_lock");
  return 0;
}

static void let_go(void) {
  errno = pthread_mutex_unlock(mutex());
  if (errno != 0) fail("pthread_mutex_unlock");
}

static char* element(uint64_t index) {
  return base + u64(80) + index * u64(64);
}

static int is(const char* format) {
  return u32(52) == fingerprint(format);
}

static double get(uint64_t index) {
  if (is("f8")) return *(double*)element(index);
  if (is("i8")) return (double)*(int64_t*)element(index);
  check(is("i4"), "type f8, i8 or i4");
  return *(int32_t*)element(index);
}

static void put(uint64_t index, double value) {
  if (is("f8")) *(double*)element(index) = value;
  else if (is("i8")) *(int64_t*)element(index) = (int64_t)value;
  else *(int32_t*)element(index) = (int32_t)value;
}

static void say(const char* line) {
  puts(line);
  fflush(stdout);
}

static void inspect(void) {
  printf("creator %u\n", u32(32));
  printf("object %u\nlock %u\n", u32(44), u32(48));
  printf("length %lu\nelement %lu\n", u64(56), u64(64));
  printf("locked at %lu\ndata at %lu\n", u64(72), u64(80));
  printf("type %s\n", base + 88);
  printf("id %016lx\n", u64(24));
  printf("owner %u\n", u64(72) == 0 ? 0 : *owner());
}

int main(int count, char** words) {
  if (count < 3) return 64;
  const char* command = words[1];
  open_object(words[2]);
  if (strcmp(command, "inspect") == 0) inspect();
  else if (strcmp(command, "read") == 0) printf("%.17g\n", get(strtoul(words[3], NULL, 10)));
  else if (strcmp(command, "write") == 0) {
    take();
    put(strtoul(words[3], NULL, 10), strtod(words[4], NULL));
    let_go();
  } else if (strcmp(command, "double") == 0) {
    take();
    for (uint64_t i = 0; i < u64(56); i++) put(i, 2 * get(i));
    let_go();
  } else if (strcmp(command, "increment") == 0) {
    say("ready");
    getchar();
    for (unsigned long i = strtoul(words[3], NULL, 10); i > 0; i--) {
      take();
      put(0, get(0) + 1);
      let_go();
    }
  } else if (strcmp(command, "hold") == 0) {
    const int sign = strcmp(words[3], "sign") == 0;
    take();
    if (sign) *owner() = (uint32_t)getpid();
    say("held");
    getchar();
    if (sign) *owner() = 0;
    let_go();
  } else if (strcmp(command, "take") == 0) {
    const int died = take();
    printf("%s %.17g\n", died ? "owner died" : "taken", get(0));
    *owner() = 0;
    let_go();
  } else return 64;
  return 0;
}
