// A C program that uses POSIX semaphores by name, knowing nothing of this library. For test/interop/semaphore.test.ts.
//
//   semaphore create NAME VALUE   makes it, which must not exist yet
//   semaphore value NAME          prints sem_getvalue
//   semaphore post NAME COUNT     posts so often
//   semaphore trywait NAME        prints "taken" or "none"
//   semaphore timedwait NAME MS   prints "taken" or "late"
//   semaphore wait NAME           says "waiting", waits, says "taken"
//   semaphore hold NAME           waits, says "held", waits for a line on stdin, posts
//   semaphore cycle NAME COUNT    so often: waits and posts
//   semaphore unlink NAME
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void fail(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

static void say(const char* line) {
  puts(line);
  fflush(stdout);
}

static void take(sem_t* semaphore) {
  while (sem_wait(semaphore) != 0)
    if (errno != EINTR) fail("sem_wait");
}

static void post(sem_t* semaphore) {
  if (sem_post(semaphore) != 0) fail("sem_post");
}

int main(int count, char** words) {
  if (count < 3) return 64;
  const char* command = words[1];
  char name[256];
  snprintf(name, sizeof name, "/%s", words[2]);
  const unsigned number = count > 3 ? (unsigned)strtoul(words[3], NULL, 10) : 0;
  if (strcmp(command, "unlink") == 0) {
    if (sem_unlink(name) != 0) fail("sem_unlink");
    return 0;
  }
  sem_t* semaphore = strcmp(command, "create") == 0 ? sem_open(name, O_CREAT | O_EXCL, 0600, number) : sem_open(name, 0);
  if (semaphore == SEM_FAILED) fail("sem_open");
  if (strcmp(command, "create") == 0) return 0;
  if (strcmp(command, "value") == 0) {
    int value;
    if (sem_getvalue(semaphore, &value) != 0) fail("sem_getvalue");
    printf("%d\n", value);
  } else if (strcmp(command, "post") == 0) {
    for (unsigned i = 0; i < number; i++) post(semaphore);
  } else if (strcmp(command, "trywait") == 0) {
    if (sem_trywait(semaphore) == 0) say("taken");
    else if (errno == EAGAIN) say("none");
    else fail("sem_trywait");
  } else if (strcmp(command, "timedwait") == 0) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)number * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    if (sem_timedwait(semaphore, &until) == 0) say("taken");
    else if (errno == ETIMEDOUT) say("late");
    else fail("sem_timedwait");
  } else if (strcmp(command, "wait") == 0) {
    say("waiting");
    take(semaphore);
    say("taken");
  } else if (strcmp(command, "hold") == 0) {
    take(semaphore);
    say("held");
    getchar();
    post(semaphore);
  } else if (strcmp(command, "cycle") == 0) {
    for (unsigned i = 0; i < number; i++) {
      take(semaphore);
      post(semaphore);
    }
  } else return 64;
  return 0;
}
