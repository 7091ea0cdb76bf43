#include "segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "header.h"
#include "mutex.h"
#include "slots.h"

namespace sharedctypes {

// Gives the functions of this file access to what a finished Segment keeps to itself.
struct SegmentFactory {
  static Status map(int fd, uint64_t size, std::unique_ptr<Segment>* out) {
    struct stat info;
    if (fstat(fd, &info) != 0) return Status::system("fstat");
    void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED) return Status::system("mmap");
    if (size >= (2u << 20)) madvise(base, size, MADV_HUGEPAGE);  // where the administrator allows it for shared memory
    out->reset(new Segment());
    (*out)->base_ = static_cast<char*>(base);
    (*out)->size_ = size;
    (*out)->fd_ = fd;
    (*out)->inode_ = info.st_ino;
    (*out)->device_ = info.st_dev;
    return {};
  }

  static void adopt(Segment* segment, const SegmentHeader& header, bool semaphore_file) {
    segment->header_ = header;
    segment->semaphore_file_ = semaphore_file;
  }
};

Segment::~Segment() {
  if (base_ != nullptr) munmap(base_, size_);
  if (fd_ >= 0) close(fd_);
}

namespace {

constexpr uint64_t RESERVE_STEP = 256u << 20;  // fallocate restarts from nothing after a signal: keep each call short
constexpr uint64_t CHECK_MEMORY_FROM = 4u << 20;

// The number behind `key` in a file of "key: number" or bare-number lines; UINT64_MAX if there is none.
uint64_t number_in(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.compare(0, key.size(), key) != 0) continue;
    uint64_t number;
    if (sscanf(line.c_str() + key.size(), "%lu", &number) == 1) return number;
  }
  return UINT64_MAX;
}

uint64_t control_group_headroom() {
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    if (line.compare(0, 3, "0::") != 0) continue;
    uint64_t headroom = UINT64_MAX;
    // Each ancestor may set a limit of its own.
    for (std::string group = line.substr(3);; group.resize(group.rfind('/'))) {
      const std::string folder = "/sys/fs/cgroup" + (group == "/" ? "" : group);
      const uint64_t limit = number_in(folder + "/memory.max", "");
      const uint64_t used = number_in(folder + "/memory.current", "");
      if (limit != UINT64_MAX && used != UINT64_MAX) headroom = std::min(headroom, limit > used ? limit - used : 0);
      if (group.empty() || group.rfind('/') == std::string::npos) break;
    }
    return headroom;
  }
  return UINT64_MAX;
}

Status fill(int fd, uint32_t segment_kind, uint64_t size, const ObjectSpec& spec, std::unique_ptr<Segment>* out) {
  Status status;
  if (size >= CHECK_MEMORY_FROM && size > memory_available()) status = Status::system(ENOMEM, "fallocate");
  else if (ftruncate(fd, static_cast<off_t>(size)) != 0) status = Status::system("ftruncate");
  if (status.ok()) status = reserve(fd, size);
  if (status.ok()) status = SegmentFactory::map(fd, size, out);
  if (!status.ok()) {
    close(fd);
    return status;
  }
  write_header((*out)->base(), segment_kind, size, spec);
  const uint64_t at = header_offset(spec.posix_semaphore);
  SegmentFactory::adopt(out->get(), *reinterpret_cast<const SegmentHeader*>((*out)->base() + at), spec.posix_semaphore);
  status = take_first_slot(out->get());
  if (!status.ok()) out->reset();
  return status;
}

// device 0: any.
Status same_file(const std::string& path, uint64_t inode, uint64_t device, bool follow) {
  struct stat info;
  if (fstatat(AT_FDCWD, path.c_str(), &info, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) return Status::system("stat", path);
  if (info.st_ino != inode || (device != 0 && info.st_dev != device)) {
    return Status::stale(path + " leads to inode " + std::to_string(info.st_ino) + ", expected " + std::to_string(inode));
  }
  return S_ISREG(info.st_mode) ? Status{} : Status::mismatch(path + " is not a regular file");
}

}  // namespace

Status reserve(int fd, uint64_t size) {
  for (uint64_t at = 0; at < size;) {
    const uint64_t step = std::min(RESERVE_STEP, size - at);
    if (fallocate(fd, 0, static_cast<off_t>(at), static_cast<off_t>(step)) == 0) at += step;
    else if (errno != EINTR) return Status::system("fallocate");
  }
  return {};
}

uint64_t memory_available() {
  const uint64_t free_kib = number_in("/proc/meminfo", "MemAvailable:");
  if (free_kib == UINT64_MAX) return UINT64_MAX;
  const uint64_t swap_kib = number_in("/proc/meminfo", "SwapFree:");
  return std::min((free_kib + (swap_kib == UINT64_MAX ? 0 : swap_kib)) * 1024, control_group_headroom());
}

std::string shm_path(const std::string& name) {
  return "/dev/shm/" + name;
}

Status create_anonymous(uint32_t segment_kind, uint64_t size, const ObjectSpec& spec, std::unique_ptr<Segment>* out) {
  const int fd = memfd_create("sharedctypes", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return Status::system("memfd_create");
  Status status = fill(fd, segment_kind, size, spec, out);
  if (!status.ok()) return status;
  // From here on nobody can truncate it under us, which would be a SIGBUS in every process that maps it.
  if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    status = Status::system("fcntl");
    out->reset();
  }
  return status;
}

Status create_unnamed_file(uint64_t size, mode_t mode, const ObjectSpec& spec, std::unique_ptr<Segment>* out) {
  const int fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return Status::system("open", "/dev/shm");
  if (fchmod(fd, mode) != 0) {  // not by open: the umask would have its say
    const Status status = Status::system("fchmod");
    close(fd);
    return status;
  }
  return fill(fd, SEGMENT_OBJECT, size, spec, out);
}

Status publish(const Segment& segment, const std::string& name) {
  const std::string path = shm_path(name);
  const std::string self = "/proc/self/fd/" + std::to_string(segment.fd());
  if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) != 0) return Status::system("link", path);
  return {};
}

namespace {

bool has_magic(const SegmentHeader& header) {
  return memcmp(header.magic, MAGIC, sizeof MAGIC) == 0;
}

// Reads the header, at the one place or the other. Before mapping: a file that is cut short meanwhile answers a short read, not a SIGBUS.
Status read_header(int fd, const std::string& path, uint64_t size, SegmentHeader* header, bool* semaphore_file) {
  for (const bool posix : {false, true}) {
    if (size < header_offset(posix) + sizeof *header) break;
    if (pread(fd, header, sizeof *header, static_cast<off_t>(header_offset(posix))) != sizeof *header) break;
    *semaphore_file = posix;
    if (has_magic(*header)) break;
  }
  if (!has_magic(*header)) {
    return Status::mismatch(path + ": expected a segment of sharedctypes, found a file of " + std::to_string(size) +
                            " bytes (no magic number)");
  }
  const bool is_semaphore = header->object_kind == OBJECT_SEMAPHORE || header->object_kind == OBJECT_BOUNDED_SEMAPHORE;
  if (*semaphore_file && !(header->segment_kind == SEGMENT_OBJECT && is_semaphore)) {
    return Status::mismatch(path + ": a semaphore's header on something else");
  }
  const std::string fault = fault_of(*header, size);
  return fault.empty() ? Status{} : Status::mismatch(path + ": " + fault);
}

}  // namespace

Status open_descriptor(int fd, const std::string& path, std::unique_ptr<Segment>* out) {
  Status status;
  struct stat info;
  SegmentHeader header = {};
  bool semaphore_file = false;
  if (fstat(fd, &info) != 0) status = Status::system("fstat", path);
  else if (!S_ISREG(info.st_mode)) status = Status::mismatch(path + " is not a regular file");
  else status = read_header(fd, path, static_cast<uint64_t>(info.st_size), &header, &semaphore_file);
  if (status.ok() && header.segment_kind == SEGMENT_ARENA) {
    const int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & (F_SEAL_SHRINK | F_SEAL_GROW)) != (F_SEAL_SHRINK | F_SEAL_GROW)) {
      status = Status::mismatch(path + ": an arena whose size is not sealed");
    }
  }
  if (status.ok()) status = SegmentFactory::map(fd, static_cast<uint64_t>(info.st_size), out);
  if (!status.ok()) {
    close(fd);
    return status;
  }
  SegmentFactory::adopt(out->get(), header, semaphore_file);
  for (const uint64_t mutex : {header.lock_offset, header.slots_offset, header.lot_offset}) {
    if (mutex == 0 || mutex_sound(reinterpret_cast<pthread_mutex_t*>((*out)->base() + mutex))) continue;
    out->reset();
    return Status::mismatch(path + ": one of its locks is damaged");
  }
  return {};
}

Status open_named(const std::string& name, std::unique_ptr<Segment>* out) {
  const std::string path = shm_path(name);
  // O_NONBLOCK: somebody may have put a FIFO there, which would otherwise wait for its other end.
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return Status::system("open", path);
  return open_descriptor(fd, path, out);
}

Status open_remote(int pid, int fd, uint64_t inode, std::unique_ptr<Segment>* out) {
  const std::string path = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
  Status status = same_file(path, inode, 0, true);  // before opening: to open some files is an act (a FIFO, a device)
  if (!status.ok()) return status;
  const int opened = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) return Status::system("open", path);
  return open_descriptor(opened, path, out);
}

Status unlink_named(const std::string& name, uint64_t inode, uint64_t device) {
  const std::string path = shm_path(name);
  Status status = same_file(path, inode, device, false);
  if (!status.ok()) return status;
  if (unlink(path.c_str()) != 0) return Status::system("unlink", path);
  return {};
}

}  // namespace sharedctypes
