#include "orphans.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "raw_block.h"
#include "shm_file.h"

namespace sharedctypes {

namespace {

constexpr int64_t SECOND = 1'000'000'000;
constexpr int64_t PAUSE = 49;  // after a sweep: this many times as long as it took

uint32_t digits_of(ino_t inode, uint32_t salt) {
  // The finaliser of splitmix64: any change of the input changes half of the result.
  uint64_t x = (static_cast<uint64_t>(inode) * SALTS + salt) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return static_cast<uint32_t>(x ^ (x >> 31));
}

constexpr char PREFIX[] = "psm_";
constexpr size_t PREFIX_LENGTH = sizeof PREFIX - 1;
constexpr size_t DIGITS = 8;

bool has_automatic_form(const char* name) {
  const char* digits = name + PREFIX_LENGTH;
  return strncmp(name, PREFIX, PREFIX_LENGTH) == 0 && strspn(digits, "0123456789abcdef") == DIGITS && digits[DIGITS] == '\0';
}

bool may_be_orphan(const char* name, const struct stat& info) {
  return S_ISREG(info.st_mode) && info.st_uid == geteuid() && is_automatic(name, info.st_ino);
}

std::unordered_set<ino_t> our_inodes() {
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  return raw_inodes();
}

// Takes the lease: nobody else on this machine has the file open, or can open it before we close it.
bool take_lease(int fd) {
  // Whoever tries would have us told by a signal that ends a process, unless it is one that does not.
  return fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_WRLCK) == 0;
}

// What an open file was called when it was found, and is.
bool is_called(int folder, const char* name, int fd) {
  struct stat opened, named;
  return fstat(fd, &opened) == 0 && may_be_orphan(name, opened) && fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         named.st_ino == opened.st_ino;
}

// EAGAIN: it is in use, or another program has a lease on it. ENOENT: it is gone.
bool tells_nothing(int error) {
  return error == EAGAIN || error == ENOENT;
}

void note(Sweep* out, const char* syscall, const char* name) {
  if (!tells_nothing(errno)) out->failed.push_back(Status::system(syscall, shm_path(name)));
}

// `ours`: what this process has in use, which need not be asked for.
void remove_if_orphan(int folder, const char* name, const std::unordered_set<ino_t>& ours, Sweep* out) {
  struct stat info;
  if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !may_be_orphan(name, info) || ours.count(info.st_ino) > 0) return;
  const int fd = openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return note(out, "open", name);
  if (!take_lease(fd)) note(out, "fcntl", name);
  else if (is_called(folder, name, fd)) {
    if (unlinkat(folder, name, 0) == 0) out->removed.emplace_back(name);
    else note(out, "unlink", name);
  }
  close(fd);  // and with it the lease
}

int64_t now() {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

// When the next sweep of this process is due.
std::mutex due_mutex;
int64_t due = 0;

}  // namespace

std::string automatic_name(ino_t inode, uint32_t salt) {
  char name[PREFIX_LENGTH + DIGITS + 1];
  snprintf(name, sizeof name, "%s%08x", PREFIX, digits_of(inode, salt));
  return name;
}

bool is_automatic(const char* name, ino_t inode) {
  if (!has_automatic_form(name)) return false;
  const auto digits = static_cast<uint32_t>(strtoul(name + PREFIX_LENGTH, nullptr, 16));
  for (uint32_t salt = 0; salt < SALTS; ++salt) {
    if (digits == digits_of(inode, salt)) return true;
  }
  return false;
}

Status sweep_orphans(bool wait, Sweep* out) {
  DIR* folder = opendir(SHM_FOLDER);
  if (folder == nullptr) return Status::system("opendir", SHM_FOLDER);
  const int fd = dirfd(folder);
  // One sweep at a time: two that have the same block open would each take the other for a user of it.
  int failure;
  do failure = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  while (failure == EINTR);
  if (failure == 0) {
    const auto ours = our_inodes();
    while (const dirent* entry = readdir(folder)) {
      if (has_automatic_form(entry->d_name)) remove_if_orphan(fd, entry->d_name, ours, out);
    }
  }
  closedir(folder);
  out->busy = failure == EWOULDBLOCK;
  return failure == 0 || failure == EWOULDBLOCK ? Status{} : Status::system(failure, "flock", SHM_FOLDER);
}

void sweep_if_due() {
  std::unique_lock<std::mutex> guard(due_mutex, std::try_to_lock);
  if (!guard.owns_lock()) return;  // another thread is at it
  const int64_t begin = now();
  if (begin < due) return;
  Sweep sweep;
  sweep_orphans(false, &sweep);
  const int64_t end = now();
  due = end + (end - begin) * PAUSE;
}

}  // namespace sharedctypes
