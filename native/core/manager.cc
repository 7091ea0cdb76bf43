#include "manager.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace sharedctypes {

namespace {

constexpr int TABLE_THERE = 3;

// A descriptor above those that the helper has: what is moved onto one of them, below, would overwrite it (0 to 2, where a daemon has
// closed them), and one that is "moved" to its own number is closed at exec by older C libraries.
Status move_up(int* fd) {
  if (*fd > TABLE_THERE) return {};
  const int low = *fd;
  *fd = fcntl(low, F_DUPFD_CLOEXEC, TABLE_THERE + 1);
  const Status status = *fd < 0 ? Status::system("fcntl") : Status{};
  close(low);
  return status;
}

Status make_table(int* out) {
  *out = memfd_create("sharedctypes-manager", MFD_CLOEXEC);
  return *out < 0 ? Status::system("memfd_create") : move_up(out);
}

// In a session of its own, so that a terminal's Ctrl-C does not reach it; with all signals blocked and without our environment, whose
// LD_PRELOAD would cost it more memory than it has. posix_spawn, because it copies no page tables, however large we are.
int spawn(const std::string& program, int socket, int table, pid_t* pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  int error = 0;
  for (const int fd : {0, 1, 2}) {
    if (error == 0) error = posix_spawn_file_actions_adddup2(&files, socket, fd);
  }
  if (error == 0) error = posix_spawn_file_actions_adddup2(&files, table, TABLE_THERE);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  std::string parent = std::to_string(getpid());
  char name[] = "sharedctypes-manager";
  char* arguments[] = {name, parent.data(), nullptr};
  char* environment[] = {nullptr};
  if (error == 0) error = posix_spawn(pid, program.c_str(), &files, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return error;
}

}  // namespace

Status Manager::start(const std::string& program, std::unique_ptr<Manager>* out, int* socket) {
  int table = -1;
  Status status = make_table(&table);
  if (!status.ok()) return status;
  std::unique_ptr<Manager> manager(new Manager(table));
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return Status::system("socketpair");
  status = move_up(&ends[1]);
  if (!status.ok()) {
    close(ends[0]);
    return status;
  }
  const int error = spawn(program, ends[1], table, &manager->pid_);
  close(ends[1]);
  if (error != 0) {
    manager->pid_ = -1;  // posix_spawn may have written it
    close(ends[0]);
    return Status::system(error, "posix_spawn", program);
  }
  *socket = ends[0];
  *out = std::move(manager);
  return {};
}

// We remove the names ourselves: then they are gone when this returns, also if the helper was killed, and it can be killed, also if it is
// stopped.
Manager::~Manager() {
  unlink_recorded(table_);
  close(table_);
  if (pid_ < 0) return;
  if (alive()) kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// No one else waits for our child (libuv waits for its own by their ids), so until we do, its id is not another's.
bool Manager::alive() const {
  siginfo_t info = {};
  return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

Status Manager::write_at(uint32_t record, size_t offset, const void* bytes, size_t count) const {
  const auto* from = static_cast<const char*>(bytes);
  auto at = static_cast<off_t>(record * sizeof(TableRecord) + offset);
  while (count > 0) {
    const ssize_t written = pwrite(table_, from, count, at);
    if (written < 0 && errno != EINTR) return Status::system("write");
    if (written <= 0) continue;
    from += written;
    at += written;
    count -= static_cast<size_t>(written);
  }
  return {};
}

// Frees the records of blocks that are gone. Done when as many records again are there as were in use the last time, so its cost for one
// block does not depend on how many there are, and the table is never much larger than what it has to hold.
Status Manager::collect() {
  constexpr uint8_t FREE = 0;
  for (uint32_t i = 0; i < records_; ++i) {
    TableRecord record = {};
    if (pread(table_, &record, sizeof record, static_cast<off_t>(i * sizeof record)) < 0) return Status::system("read");
    if (names_its_block(record)) continue;
    Status status = write_at(i, offsetof(TableRecord, length), &FREE, 1);
    if (!status.ok()) return status;
    free_.push_back(i);
  }
  const auto used = records_ - static_cast<uint32_t>(free_.size());
  collect_at_ = std::max(64u, 2 * used);
  return {};
}

Status Manager::record(const std::string& name, uint64_t inode, uint64_t device) {
  TableRecord record = {inode, device, {}, static_cast<uint8_t>(name.size())};
  if (name.empty() || name.size() > sizeof record.name) return Status::system(ENAMETOOLONG, "link", name);
  memcpy(record.name, name.data(), name.size());
  if (free_.empty() && records_ >= collect_at_) {
    Status status = collect();
    if (!status.ok()) return status;
  }
  const uint32_t at = free_.empty() ? records_ : free_.back();
  Status status = write_at(at, 0, &record, offsetof(TableRecord, length));
  if (status.ok()) status = write_at(at, offsetof(TableRecord, length), &record.length, 1);
  if (!status.ok()) return status;
  if (free_.empty()) ++records_;
  else free_.pop_back();
  return {};
}

}  // namespace sharedctypes
