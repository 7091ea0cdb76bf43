// The helper process of a SharedMemoryManager: sleeps until the manager's process is dead, however it died, removes the names of the
// blocks in the table, and ends.
//
//     sharedctypes-manager PID
//
// 0 is a socket whose other end PID alone has: its closing is the sign. 1 is the same; one byte on it says that we are ready. 3 is the
// table.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../core/manager_table.h"

namespace {

constexpr int SOCKET = 0;
constexpr int TABLE = 3;

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

// A second sign, should a forked copy of the manager's process keep the socket open beyond its death. -1 (which poll skips) where the
// kernel is older than 5.3, and where the parent is dead already: then its pid may be another's.
int watch_parent(const char* pid) {
  const pid_t parent = atoi(pid);
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, parent, 0));
  return getppid() == parent ? fd : -1;
}

// Whether the other end is closed. Nobody writes to us.
bool closed(short events) {
  if (events == 0) return false;
  char byte;
  const ssize_t got = read(SOCKET, &byte, 1);
  return got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
}

void wait_for_the_end(int parent, int terminated) {
  for (;;) {
    pollfd signs[] = {{SOCKET, POLLIN, 0}, {parent, POLLIN, 0}, {terminated, POLLIN, 0}};
    if (poll(signs, 3, -1) < 0) continue;
    if (signs[1].revents != 0 || signs[2].revents != 0 || closed(signs[0].revents)) return;
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  // Blocked, not ignored or handled: we are started with all signals blocked, so none finds us unprepared. What a terminal or a broken pipe
  // sends is for the manager's process; SIGTERM is for us.
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  sigset_t termination;
  sigemptyset(&termination);
  sigaddset(&termination, SIGTERM);

  syscall(SYS_close_range, TABLE + 1, ~0u, 0);  // whatever the manager's process let us inherit is not ours to keep open
  if (chdir("/") != 0) return 1;                // nor its folder
  const int parent = watch_parent(arguments[1]);
  const int terminated = signalfd(-1, &termination, SFD_CLOEXEC);
  if (write(1, "!", 1) < 0 && errno != EPIPE) return 1;
  wait_for_the_end(parent, terminated);
  sharedctypes::unlink_recorded(TABLE);
  return 0;
}
