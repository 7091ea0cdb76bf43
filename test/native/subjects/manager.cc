// The table of a SharedMemoryManager: what is recorded is removed, and nothing else.
#include "../../../native/core/manager.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "../support/harness.h"

using namespace native_test;
using namespace sharedctypes;

namespace {

// Stands in for the helper: given a pid as its argument, it sleeps for as many seconds.
constexpr const char* SLEEPER = "/bin/sleep";

std::unique_ptr<Manager> start_manager() {
  std::unique_ptr<Manager> manager;
  int socket = -1;
  CHECK(Manager::start(SLEEPER, &manager, &socket).ok());
  close(socket);
  return manager;
}

std::string path_of(const std::string& name) {
  return "/dev/shm/" + name;
}

std::string fresh(int i) {
  return "test-manager-" + std::to_string(getpid()) + "-" + std::to_string(i);
}

bool exists(const std::string& name) {
  return access(path_of(name).c_str(), F_OK) == 0;
}

struct stat make_file(const std::string& name) {
  const int fd = open(path_of(name).c_str(), O_CREAT | O_EXCL | O_RDWR, 0600);
  CHECK(fd >= 0);
  struct stat info;
  CHECK(fstat(fd, &info) == 0);
  close(fd);
  return info;
}

void make_recorded(Manager* manager, const std::string& name) {
  const struct stat info = make_file(name);
  CHECK(manager->record(name, info.st_ino, info.st_dev).ok());
}

int table_of(const std::string& bytes) {
  const int fd = memfd_create("table", MFD_CLOEXEC);
  CHECK(write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  return fd;
}

std::string record_of(const std::string& name, const struct stat& info) {
  TableRecord record = {info.st_ino, info.st_dev, {}, static_cast<uint8_t>(name.size())};
  memcpy(record.name, name.data(), name.size());
  return std::string(reinterpret_cast<char*>(&record), sizeof record);
}

}  // namespace

TEST("manager: ends with its blocks and its process") {
  auto manager = start_manager();
  for (int i = 0; i < 100; ++i) make_recorded(manager.get(), fresh(i));
  CHECK(manager->alive());
  const pid_t pid = manager->pid();
  manager.reset();
  for (int i = 0; i < 100; ++i) CHECK(!exists(fresh(i)));
  CHECK(waitpid(pid, nullptr, WNOHANG) == -1 && errno == ECHILD);
}

TEST("manager: one whose process was killed, or stopped, ends the same") {
  for (const int signal : {SIGKILL, SIGSTOP}) {
    auto manager = start_manager();
    make_recorded(manager.get(), fresh(0));
    kill(manager->pid(), signal);
    siginfo_t info;
    CHECK(waitid(P_PID, static_cast<id_t>(manager->pid()), &info, WEXITED | WSTOPPED | WNOWAIT) == 0);
    CHECK_EQUAL(manager->alive(), signal == SIGSTOP);
    manager.reset();
    CHECK(!exists(fresh(0)));
  }
}

TEST("manager: a name that leads elsewhere by now is left alone") {
  auto manager = start_manager();
  make_recorded(manager.get(), fresh(0));
  const struct stat target = make_file(fresh(1));
  CHECK(unlink(path_of(fresh(0)).c_str()) == 0);
  make_file(fresh(0));
  // A link to a block is not the block.
  CHECK(symlink(path_of(fresh(1)).c_str(), path_of(fresh(2)).c_str()) == 0);
  CHECK(manager->record(fresh(2), target.st_ino, target.st_dev).ok());
  CHECK(manager->record(fresh(1), target.st_ino, target.st_dev + 1).ok());
  manager.reset();
  for (int i = 0; i < 3; ++i) CHECK(exists(fresh(i)));
  for (int i = 0; i < 3; ++i) CHECK(unlink(path_of(fresh(i)).c_str()) == 0);
}

TEST("manager: records of blocks that are gone are used again") {
  auto manager = start_manager();
  for (int i = 0; i < 10; ++i) make_recorded(manager.get(), fresh(i));
  for (int i = 10; i < 20000; ++i) {
    make_recorded(manager.get(), fresh(i));
    CHECK(unlink(path_of(fresh(i)).c_str()) == 0);
  }
  CHECK(manager->records() <= 64);
  for (int i = 20000; i < 21000; ++i) make_recorded(manager.get(), fresh(i));
  CHECK(manager->records() <= 2 * 1010);
  manager.reset();
  for (int i = 0; i < 10; ++i) CHECK(!exists(fresh(i)));
  for (int i = 20000; i < 21000; ++i) CHECK(!exists(fresh(i)));
}

TEST("manager: free and unfinished records, and names that are none, are passed over") {
  struct stat infos[3];
  for (int i = 0; i < 3; ++i) infos[i] = make_file(fresh(i));
  std::string free = record_of(fresh(0), infos[0]);
  free.back() = 0;
  std::string unfinished = record_of(fresh(1), infos[1]);
  unfinished.pop_back();
  const int table = table_of(free + record_of("../shm/" + fresh(1), infos[1]) + record_of(fresh(2), infos[2]) + unfinished);
  unlink_recorded(table);
  close(table);
  CHECK(exists(fresh(0)) && exists(fresh(1)) && !exists(fresh(2)));
  for (int i = 0; i < 2; ++i) CHECK(unlink(path_of(fresh(i)).c_str()) == 0);
  unlink_recorded(-1);
}

TEST("manager: names of 1 to 255 bytes") {
  auto manager = start_manager();
  const std::string longest = fresh(0) + std::string(255 - fresh(0).size(), 'x');
  make_recorded(manager.get(), longest);
  CHECK_EQUAL(manager->record(longest + "x", 1, 1).error, ENAMETOOLONG);
  CHECK_EQUAL(manager->record("", 1, 1).error, ENAMETOOLONG);
  manager.reset();
  CHECK(!exists(longest));
}

TEST("manager: one that can't be started leaves nothing behind") {
  const int next = dup(0);
  close(next);
  std::unique_ptr<Manager> manager;
  int socket = -1;
  const Status status = Manager::start("/nowhere/sharedctypes-manager", &manager, &socket);
  CHECK_EQUAL(status.error, ENOENT);
  CHECK(status.path == "/nowhere/sharedctypes-manager");
  CHECK(manager == nullptr && socket == -1);
  CHECK_EQUAL(waitpid(-1, nullptr, WNOHANG), -1);
  const int after = dup(0);
  CHECK_EQUAL(after, next);
  close(after);
}
