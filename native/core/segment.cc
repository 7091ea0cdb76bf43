#include "segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "header.h"
#include "mutex.h"
#include "reserve.h"
#include "shm_file.h"
#include "slots.h"

namespace sharedctypes {

// Gives the functions of this file access to what a finished Segment keeps to itself.
struct SegmentFactory {
  static Status map(int fd, uint64_t size, std::unique_ptr<Segment>* out) {
    struct stat info;
    if (fstat(fd, &info) != 0) return Status::system("fstat");
    std::shared_ptr<Mapping> mapping;
    const Status status = map_file(fd, size, {}, &mapping);
    if (!status.ok()) return status;
    out->reset(new Segment());
    (*out)->mapping_ = std::move(mapping);
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
  if (close_now) retire(mapping_);
  if (fd_ >= 0) close(fd_);
}

namespace {

// path: what a failure names.
Status fill(int fd, const std::string& path, uint32_t segment_kind, uint64_t size, const ObjectSpec& spec, std::unique_ptr<Segment>* out) {
  Status status = allocate(fd, size, path);
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

}  // namespace

Status create_anonymous(uint32_t segment_kind, uint64_t size, const ObjectSpec& spec, std::unique_ptr<Segment>* out) {
  const int fd = memfd_create("sharedctypes", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return Status::system("memfd_create");
  Status status = fill(fd, {}, segment_kind, size, spec, out);
  if (!status.ok()) return status;
  // From here on nobody can truncate it under us, which would be a SIGBUS in every process that maps it.
  if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    status = Status::system("fcntl");
    out->reset();
  }
  return status;
}

Status create_unnamed_file(uint64_t size, mode_t mode, const ObjectSpec& spec, std::unique_ptr<Segment>* out) {
  int fd;
  const Status opened = open_unnamed(&fd);
  if (!opened.ok()) return opened;
  if (fchmod(fd, mode) != 0) {  // not by open: the umask would have its say
    const Status status = Status::system("fchmod");
    close(fd);
    return status;
  }
  return fill(fd, SHM_FOLDER, SEGMENT_OBJECT, size, spec, out);
}

namespace {

// Before mapping.
Status check_header(int fd, const std::string& path, uint64_t size, SegmentHeader* header, bool* semaphore_file) {
  if (!find_header(fd, size, header, semaphore_file)) {
    return Status::mismatch(path + ": expected a segment of sharedctypes, found a file of " + std::to_string(size) +
                            " bytes (no magic number)");
  }
  const std::string fault = fault_of(*header, *semaphore_file, size);
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
  else status = check_header(fd, path, static_cast<uint64_t>(info.st_size), &header, &semaphore_file);
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
  int fd;
  const Status status = open_name(name, &fd);
  return status.ok() ? open_descriptor(fd, shm_path(name), out) : status;
}

Status open_remote(int pid, int fd, uint64_t inode, std::unique_ptr<Segment>* out) {
  std::string path;
  int opened;
  const Status status = open_descriptor_of(pid, fd, inode, &path, &opened);
  return status.ok() ? open_descriptor(opened, path, out) : status;
}

}  // namespace sharedctypes
