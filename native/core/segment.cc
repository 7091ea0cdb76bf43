#include "segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "mutex.h"

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

  static void adopt(Segment* segment, const SegmentHeader& header) { segment->header_ = header; }
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

Status reserve(int fd, uint64_t size) {
  for (uint64_t at = 0; at < size;) {
    const uint64_t step = std::min(RESERVE_STEP, size - at);
    if (fallocate(fd, 0, static_cast<off_t>(at), static_cast<off_t>(step)) == 0) at += step;
    else if (errno != EINTR) return Status::system("fallocate");
  }
  return {};
}

void write_header(char* base, uint32_t segment_kind, uint64_t size, const ObjectSpec& spec) {
  auto* header = reinterpret_cast<SegmentHeader*>(base);
  memcpy(header->magic, MAGIC, sizeof MAGIC);
  header->version = LAYOUT_VERSION;
  header->segment_kind = segment_kind;
  header->size = size;
  if (getrandom(&header->id, sizeof header->id, 0) != sizeof header->id) header->id = static_cast<uint64_t>(getpid()) << 32;
  header->creator_pid = static_cast<uint32_t>(getpid());
  header->mutex_size = sizeof(pthread_mutex_t);
  header->mutex_offset = mutex_futex_offset();
  if (segment_kind != SEGMENT_OBJECT) return;
  header->object_kind = spec.object_kind;
  header->lock_kind = spec.lock_kind;
  header->type = spec.type;
  header->length = spec.length;
  header->element_size = spec.element_size;
  uint64_t data_offset = 0;
  object_segment_size(spec, &data_offset);
  header->data_offset = data_offset;
  if (spec.lock_kind != LOCK_NONE) {
    header->lock_offset = OBJECT_LOCK_OFFSET;
    mutex_init(&reinterpret_cast<LockWord*>(base + OBJECT_LOCK_OFFSET)->mutex);
  }
  snprintf(header->type_name, sizeof header->type_name, "%s", spec.type_name.c_str());
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
  SegmentFactory::adopt(out->get(), *reinterpret_cast<const SegmentHeader*>((*out)->base()));
  return {};
}

// Why the header can't be used, or nothing. The bytes are untrusted: each field is held against the file's size.
std::string fault_of(const SegmentHeader& header, uint64_t file_size) {
  if (memcmp(header.magic, MAGIC, sizeof MAGIC) != 0) return "it is no segment of sharedctypes (no magic number)";
  if (header.version != LAYOUT_VERSION) {
    return "expected layout version " + std::to_string(LAYOUT_VERSION) + ", found " + std::to_string(header.version);
  }
  if (header.size != file_size) {
    return "its header says " + std::to_string(header.size) + " bytes, the file has " + std::to_string(file_size);
  }
  if (header.mutex_size != sizeof(pthread_mutex_t) || header.mutex_offset != mutex_futex_offset()) {
    return "it was made with another C library, whose mutexes differ";
  }
  if (header.segment_kind == SEGMENT_ARENA) {
    return file_size >= DESCRIPTORS_OFFSET + UNIT + sizeof(BlockDescriptor) ? "" : "it is too short for an arena";
  }
  if (header.segment_kind != SEGMENT_OBJECT) return "unknown kind of segment " + std::to_string(header.segment_kind);
  if (header.object_kind < OBJECT_VALUE || header.object_kind > OBJECT_RLOCK) {
    return "unknown kind of object " + std::to_string(header.object_kind);
  }
  if (header.lock_kind > LOCK_RECURSIVE) return "unknown kind of lock " + std::to_string(header.lock_kind);
  if ((header.lock_kind == LOCK_NONE) != (header.lock_offset == 0) ||
      (header.lock_offset != 0 && header.lock_offset != OBJECT_LOCK_OFFSET)) {
    return "its lock is not where it belongs";
  }
  uint64_t bytes;
  if (header.data_offset % 8 != 0 || header.data_offset < sizeof header || header.data_offset > file_size ||
      __builtin_mul_overflow(header.length, header.element_size, &bytes) || bytes > file_size - header.data_offset) {
    return "its data lies outside the file";
  }
  if (header.lock_offset != 0 && header.data_offset < header.lock_offset + sizeof(LockWord)) return "its data covers its lock";
  return "";
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

uint64_t memory_available() {
  const uint64_t free_kib = number_in("/proc/meminfo", "MemAvailable:");
  if (free_kib == UINT64_MAX) return UINT64_MAX;
  const uint64_t swap_kib = number_in("/proc/meminfo", "SwapFree:");
  return std::min((free_kib + (swap_kib == UINT64_MAX ? 0 : swap_kib)) * 1024, control_group_headroom());
}

std::string shm_path(const std::string& name) {
  return "/dev/shm/" + name;
}

uint64_t object_segment_size(const ObjectSpec& spec, uint64_t* data_offset) {
  uint64_t bytes, size;
  if (__builtin_mul_overflow(spec.length, spec.element_size, &bytes)) return 0;
  *data_offset = OBJECT_SMALL_OFFSET + bytes <= PAGE ? OBJECT_SMALL_OFFSET : PAGE;
  if (__builtin_add_overflow(*data_offset, bytes, &size) || size > static_cast<uint64_t>(INT64_MAX) - PAGE) return 0;
  return (size + PAGE - 1) / PAGE * PAGE;
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

Status open_descriptor(int fd, const std::string& path, std::unique_ptr<Segment>* out) {
  Status status;
  struct stat info;
  SegmentHeader header = {};
  if (fstat(fd, &info) != 0) status = Status::system("fstat", path);
  else if (!S_ISREG(info.st_mode)) status = Status::mismatch(path + " is not a regular file");
  else if (static_cast<uint64_t>(info.st_size) < sizeof(SegmentHeader)) {
    status = Status::mismatch(path + ": expected a segment of sharedctypes, found a file of " + std::to_string(info.st_size) + " bytes");
  } else {
    // Read before mapping: a file that is cut short meanwhile answers a short read, not a SIGBUS.
    if (pread(fd, &header, sizeof header, 0) != sizeof header) status = Status::mismatch(path + ": its header can't be read");
    else if (std::string fault = fault_of(header, static_cast<uint64_t>(info.st_size)); !fault.empty()) {
      status = Status::mismatch(path + ": " + fault);
    }
  }
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
  SegmentFactory::adopt(out->get(), header);
  const uint64_t mutex = header.segment_kind == SEGMENT_ARENA ? ARENA_OFFSET : header.lock_offset;
  if (mutex != 0 && !mutex_sound(reinterpret_cast<pthread_mutex_t*>((*out)->base() + mutex))) {
    out->reset();
    return Status::mismatch(path + ": its lock is damaged");
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
