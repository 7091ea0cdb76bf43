// A process killed at each instruction of recording a block and naming it: no name is left that its manager's helper does not know.
#include "../../../native/core/manager.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "../support/harness.h"
#include "../support/stepper.h"

using namespace native_test;
using namespace sharedctypes;

namespace {

struct Block {
  std::unique_ptr<Manager> manager;
  const std::string name = "test-manager-steps-" + std::to_string(getpid());
  const std::string path = "/dev/shm/" + name;
  const std::string other = name + "-other";
  std::string self;
  struct stat info;

  void start() {
    manager.reset();
    int socket = -1;
    CHECK(Manager::start("/bin/sleep", &manager, &socket).ok());
    close(socket);
  }

  void make_file() {
    const int fd = open("/dev/shm", O_TMPFILE | O_RDWR, 0600);
    CHECK(fd >= 0 && fstat(fd, &info) == 0);
    self = "/proc/self/fd/" + std::to_string(fd);
  }

  void record_and_name() {
    CHECK(manager->record(name, info.st_ino, info.st_dev).ok());
    CHECK(linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0);
  }

  // What the helper does.
  void check() {
    unlink_recorded(manager->table());
    CHECK(access(path.c_str(), F_OK) != 0);
  }

  void fill(int records) {
    for (int i = 0; i < records; ++i) CHECK(manager->record(other, 1, 1).ok());
  }
};

}  // namespace

TEST("steps: recording a managed block and naming it") {
  Block block;
  const auto make_file = [&] { block.make_file(); };
  const auto operation = [&] { block.record_and_name(); };
  const auto check = [&] { block.check(); };
  kill_at_each_instruction("in a new record", {[&] { block.start(); }, make_file, operation, check});
  kill_at_each_instruction("in one that was used before", {[&] {
                                                             block.start();
                                                             block.fill(65);
                                                           },
                                                           make_file, operation, check});
}
