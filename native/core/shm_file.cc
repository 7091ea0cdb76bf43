#include "shm_file.h"

#include <fcntl.h>
#include <unistd.h>

namespace sharedctypes {

namespace {

// device 0: any. `syscall`: what the look is for, and a failure names.
Status same_file(const std::string& path, uint64_t inode, uint64_t device, bool follow, const char* syscall) {
  struct stat info;
  if (fstatat(AT_FDCWD, path.c_str(), &info, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) return Status::system(syscall, path);
  if (info.st_ino != inode || (device != 0 && info.st_dev != device)) {
    return Status::stale(path + " leads to inode " + std::to_string(info.st_ino) + ", expected " + std::to_string(inode));
  }
  return S_ISREG(info.st_mode) ? Status{} : Status::mismatch(path + " is not a regular file");
}

}  // namespace

std::string shm_path(const std::string& name) {
  return std::string(SHM_FOLDER) + "/" + name;
}

Status open_unnamed(int* fd) {
  *fd = open(SHM_FOLDER, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return *fd < 0 ? Status::system("open", SHM_FOLDER) : Status{};
}

Status link_file(int fd, const std::string& name) {
  const std::string path = shm_path(name);
  // By the descriptor itself where the kernel lets us (from 6.10 on, or with CAP_DAC_READ_SEARCH): the way through /proc takes half as long
  // again.
  if (linkat(fd, "", AT_FDCWD, path.c_str(), AT_EMPTY_PATH) == 0) return {};
  if (errno != ENOENT) return Status::system("link", path);
  const std::string self = "/proc/self/fd/" + std::to_string(fd);
  if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0) return Status::system("link", path);
  return {};
}

Status open_name(const std::string& name, int* fd) {
  const std::string path = shm_path(name);
  // O_NONBLOCK: somebody may have put a FIFO there, which would otherwise wait for its other end.
  *fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  return *fd < 0 ? Status::system("open", path) : Status{};
}

Status open_descriptor_of(int pid, int fd, uint64_t inode, std::string* path, int* opened) {
  *path = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
  Status status = same_file(*path, inode, 0, true, "open");  // before opening: to open some files is an act (a FIFO, a device)
  if (!status.ok()) return status;
  *opened = open(path->c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (*opened < 0) return Status::system("open", *path);
  return {};
}

Status unlink_named(const std::string& name, uint64_t inode, uint64_t device) {
  const std::string path = shm_path(name);
  Status status = same_file(path, inode, device, false, "unlink");
  if (!status.ok()) return status;
  if (unlink(path.c_str()) != 0) return Status::system("unlink", path);
  return {};
}

}  // namespace sharedctypes
