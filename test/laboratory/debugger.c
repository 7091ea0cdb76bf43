// Lets a process run until one of its threads enters a function, then goes on by single instructions, and leaves it standing there: to be
// killed, or to go on later. By the processor's debug registers, so not a byte of the process is changed.
//
// Orders on stdin, one answer each on stdout:
//   strike PID ADDRESS STEPS MS   hit ADDRESS STEPS     where it stands, how many steps that took
//                                 asleep ADDRESS STEPS  the same, but within a system call that has not come back
//                                 missed                nobody came there in time; all threads run freely again
//                                 gone | refused ERRNO
//   kill                          done
//   go                            done                  all threads run freely again
//   attend PID                    attending | gone      its main thread, which sleeps on a futex word, is looked at from now on
//   outcome MS                    woken                 it was woken
//                                 late                  its time was up, and it was granted then what it slept for, but not woken
//                                 nothing               neither, or not for certain
#define _GNU_SOURCE
#include <dirent.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "tracing.h"

static int seize_all(uint64_t address) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", process);
  DIR* folder = opendir(path);
  if (folder == NULL) return ESRCH;
  int error = 0;
  for (struct dirent* entry; (entry = readdir(folder)) != NULL && count < MOST_THREADS;) {
    const pid_t tid = atoi(entry->d_name);
    if (tid == 0) continue;
    if (ptrace(PTRACE_SEIZE, tid, NULL, NULL) != 0) {
      if (errno != ESRCH) error = errno;
      continue;
    }
    threads[count++] = (struct thread){tid, 0, 0};
  }
  closedir(folder);
  for (int i = count; i-- > 0;) {
    if (i < count) stop(&threads[i]);
  }
  for (int i = 0; i < count; ++i) set_breakpoint(threads[i].tid, address);
  for (int i = 0; i < count; ++i) resume(&threads[i]);
  return count > 0 ? 0 : error != 0 ? error : ESRCH;
}

static struct thread* run_to(uint64_t address, int64_t ms) {
  const int64_t deadline = now_ms() + ms;
  for (int status;;) {
    struct thread* thread = next_change(deadline, &status);
    if (thread == NULL) return NULL;
    if (WSTOPSIG(status) == SIGTRAP && status >> 16 == 0 && at(thread->tid) == address) return thread;
    take_note(thread, status);
    resume(thread);
  }
}

// False: it is within a system call.
static int step(pid_t tid) {
  find(tid)->stopped = 0;
  if (ptrace(PTRACE_SINGLESTEP, tid, NULL, NULL) != 0) return 0;
  const int64_t deadline = now_ms() + STEP_MS;
  for (int status;;) {
    struct thread* changed = next_change(deadline, &status);
    if (changed == NULL) return 0;
    take_note(changed, status);
    if (changed->tid == tid) return 1;
    // Another one that has come to the function stays there, as if it were not its turn yet.
    if (WSTOPSIG(status) != SIGTRAP || status >> 16 != 0) resume(changed);
  }
}

static void strike(uint64_t address, int steps, int ms) {
  count = 0;
  const int error = seize_all(address);
  if (error != 0) {
    if (error == ESRCH) printf("gone\n");
    else printf("refused %d\n", error);
    return;
  }
  struct thread* thread = run_to(address, ms);
  if (thread == NULL) {
    const int left = count;
    let_go();
    printf(left > 0 ? "missed\n" : "gone\n");
    return;
  }
  const pid_t tid = thread->tid;
  set_breakpoint(tid, 0);
  uint64_t last = address;
  for (int taken = 0; taken < steps; ++taken) {
    if (!step(tid)) {
      printf("asleep %llx %d\n", (unsigned long long)last, taken);
      return;
    }
    last = at(tid);
  }
  printf("hit %llx %d\n", (unsigned long long)last, steps);
}

static void end_process(void) {
  kill(process, SIGKILL);
  int status;
  while (count > 0 && next_change(now_ms() + 10000, &status) != NULL) {
  }
  printf("done\n");
}

static int64_t reg(pid_t tid, size_t offset) {
  return ptrace(PTRACE_PEEKUSER, tid, offset, NULL);
}

// Its next system call that sleeps on a word, until a moment: the word's address; 0: none.
static uint64_t next_sleep(struct thread* thread, int64_t deadline) {
  const pid_t tid = thread->tid;
  for (int status, inside = 0; ptrace(PTRACE_SYSCALL, tid, NULL, thread->signal) == 0;) {
    thread->stopped = thread->signal = 0;
    thread = next_change(deadline, &status);
    if (thread == NULL) return 0;
    take_note(thread, status);
    if (WSTOPSIG(status) != SYSCALL_STOP) continue;
    inside = !inside;
    const int64_t call = reg(tid, offsetof(struct user, regs.orig_rax));
    const int64_t operation = reg(tid, offsetof(struct user, regs.rsi)) & FUTEX_CMD_MASK;
    const int sleeps = operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET;
    if (inside && sleeps && (call == SYS_futex || call == SYS_restart_syscall)) return (uint64_t)reg(tid, offsetof(struct user, regs.rdi));
  }
  return 0;
}

static uint64_t slept_on;

static void resume_to_exit(void) {
  threads[0].stopped = 0;
  ptrace(PTRACE_SYSCALL, threads[0].tid, NULL, threads[0].signal);
  threads[0].signal = 0;
}

static void attend(void) {
  count = 0;
  slept_on = 0;
  if (ptrace(PTRACE_SEIZE, process, NULL, PTRACE_O_TRACESYSGOOD) == 0) {
    threads[count++] = (struct thread){process, 0, 0};
    stop(&threads[0]);
    if (count > 0 && threads[0].stopped) slept_on = next_sleep(&threads[0], now_ms() + 1000);
  }
  if (slept_on != 0) resume_to_exit();
  else let_go();
  printf(slept_on != 0 ? "attending\n" : "gone\n");
}

// Bit 0 of the word says that its owner sleeps; the rest is what it was granted.
static const char* how_it_ended(pid_t tid) {
  const int64_t result = reg(tid, offsetof(struct user, regs.rax));
  if (result == 0) return "woken";
  if (result != -ETIMEDOUT) return NULL;
  const uint32_t word = (uint32_t)ptrace(PTRACE_PEEKDATA, tid, slept_on, NULL);
  return word > 1 ? "late" : NULL;
}

static void outcome(int64_t ms) {
  const int64_t deadline = now_ms() + ms;
  const char* answer = NULL;
  for (int status; answer == NULL && slept_on != 0;) {
    struct thread* thread = next_change(deadline, &status);
    if (thread == NULL) break;
    take_note(thread, status);
    if (WSTOPSIG(status) == SYSCALL_STOP) {
      answer = how_it_ended(thread->tid);
      if (answer == NULL) slept_on = next_sleep(thread, deadline);
    }
    if (answer == NULL && slept_on != 0) resume_to_exit();
  }
  let_go();
  printf("%s\n", answer != NULL ? answer : "nothing");
}

int main(void) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  setvbuf(stdout, NULL, _IOLBF, 0);
  char line[128];
  while (fgets(line, sizeof line, stdin) != NULL) {
    unsigned long long address;
    int pid, steps, ms;
    if (sscanf(line, "strike %d %llx %d %d", &pid, &address, &steps, &ms) == 4) {
      process = pid;
      strike(address, steps, ms);
    } else if (strcmp(line, "kill\n") == 0) {
      end_process();
    } else if (strcmp(line, "go\n") == 0) {
      let_go();
      printf("done\n");
    } else if (sscanf(line, "attend %d", &pid) == 1) {
      process = pid;
      attend();
    } else if (sscanf(line, "outcome %d", &ms) == 1) {
      outcome(ms);
    }
  }
  return 0;
}
