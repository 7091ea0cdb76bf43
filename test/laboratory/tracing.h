// The threads of another process, seen and stepped by ptrace. x64 only.
#ifndef SHAREDCTYPES_TEST_TRACING_H
#define SHAREDCTYPES_TEST_TRACING_H

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>

#if !defined(__x86_64__)
#error "debug registers and program counters of other processors are not known here"
#endif

enum { MOST_THREADS = 64, STEP_MS = 20, SYSCALL_STOP = SIGTRAP | 0x80 };
static const long ENABLE_FIRST = 1;  // of debug register 7: stop before the instruction at debug register 0

struct thread {
  pid_t tid;
  int stopped;
  int signal;  // to be passed on when it goes on
};
static struct thread threads[MOST_THREADS];
static int count;
static pid_t process;

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct thread* find(pid_t tid) {
  for (int i = 0; i < count; ++i) {
    if (threads[i].tid == tid) return &threads[i];
  }
  return NULL;
}

static void forget(struct thread* thread) {
  *thread = threads[--count];
}

// The next change of a traced thread until a moment; its status. Null: none.
static struct thread* next_change(int64_t deadline, int* status) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (;;) {
    const pid_t tid = waitpid(-1, status, __WALL | WNOHANG);
    struct thread* thread = tid > 0 ? find(tid) : NULL;
    if (thread != NULL && WIFSTOPPED(*status)) {
      thread->stopped = 1;
      return thread;
    }
    if (thread != NULL) forget(thread);
    if (tid > 0) continue;
    const int64_t left = deadline - now_ms();
    if (left <= 0 || count == 0) return NULL;
    const struct timespec time = {left / 1000, left % 1000 * 1000000};
    sigtimedwait(&child, NULL, &time);
  }
}

static void set_breakpoint(pid_t tid, uint64_t address) {
  ptrace(PTRACE_POKEUSER, tid, offsetof(struct user, u_debugreg[7]), 0);
  if (address == 0) return;
  ptrace(PTRACE_POKEUSER, tid, offsetof(struct user, u_debugreg[0]), address);
  ptrace(PTRACE_POKEUSER, tid, offsetof(struct user, u_debugreg[7]), ENABLE_FIRST);
}

static uint64_t at(pid_t tid) {
  return (uint64_t)ptrace(PTRACE_PEEKUSER, tid, offsetof(struct user, regs.rip), NULL);
}

static void resume(struct thread* thread) {
  thread->stopped = 0;
  ptrace(PTRACE_CONT, thread->tid, NULL, thread->signal);
  thread->signal = 0;
}

// A stop that is not ours: of a signal, which the thread gets when it goes on.
static void take_note(struct thread* thread, int status) {
  const int event = status >> 16, signal = WSTOPSIG(status);
  if (event == 0 && signal != SIGTRAP && signal != SYSCALL_STOP) thread->signal = signal;
}

static void stop(struct thread* thread) {
  const pid_t tid = thread->tid;
  if (ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) != 0) return;
  for (int status; (thread = find(tid)) != NULL && !thread->stopped;) {
    struct thread* changed = next_change(now_ms() + 1000, &status);
    if (changed == NULL) return;
    take_note(changed, status);
  }
}

// A breakpoint that was hit just when the stop came: its signal would end the process once nobody traces it.
static int trap_pending(pid_t tid) {
  enum { MOST = 8 };
  siginfo_t pending[MOST];
  struct __ptrace_peeksiginfo_args first = {0, 0, MOST};
  const long found = ptrace(PTRACE_PEEKSIGINFO, tid, &first, pending);
  for (long i = 0; i < found; ++i) {
    if (pending[i].si_signo == SIGTRAP) return 1;
  }
  return 0;
}

static void let_go(void) {
  while (count > 0) {
    const pid_t tid = threads[0].tid;
    if (!threads[0].stopped) stop(&threads[0]);
    struct thread* thread = find(tid);
    if (thread == NULL) continue;
    set_breakpoint(tid, 0);
    if (trap_pending(tid)) {
      int status;
      resume(thread);
      struct thread* changed = next_change(now_ms() + 1000, &status);
      if (changed != NULL) take_note(changed, status);
      continue;
    }
    ptrace(PTRACE_DETACH, tid, NULL, thread->signal);
    forget(thread);
  }
}

#endif
