#include "semaphore_file.h"

#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "header.h"
#include "ledger.h"
#include "reserve.h"
#include "semaphore.h"
#include "shm_file.h"

namespace sharedctypes {

namespace {

constexpr off_t ADOPTION_BYTE = off_t{1} << 40;  // beyond any slot's byte: who locks it is adopting

// Behind the sem_t while it is being adopted: what a file of another size holds is not ours to overwrite.
constexpr char ADOPTING[8] = {'S', 'H', 'C', 'T', 'A', 'D', 'O', 'P'};

// Under the lock on ADOPTION_BYTE, which the kernel drops if we are killed: then the next one finds no magic number and begins anew.
Status adopt(int fd, const std::string& path, const ObjectSpec& spec, uint32_t bound) {
  struct stat info;
  if (fstat(fd, &info) != 0) return Status::system("fstat", path);
  SegmentHeader header = {};
  const auto at = static_cast<off_t>(header_offset(true));
  if (pread(fd, &header, sizeof header, at) == sizeof header && memcmp(header.magic, MAGIC, sizeof MAGIC) == 0) return {};
  const uint64_t size = object_shape(spec).size;
  const auto found = static_cast<uint64_t>(info.st_size);
  uint32_t value = 0;
  if (!plain_semaphore(fd, found, &value)) {
    return Status::mismatch(path + ": expected a semaphore, found a file of " + std::to_string(found) + " bytes that is none");
  }
  if (pwrite(fd, ADOPTING, sizeof ADOPTING, sizeof(sem_t)) != sizeof ADOPTING) return Status::system("write", path);
  if (ftruncate(fd, static_cast<off_t>(size)) != 0) return Status::system("ftruncate", path);
  Status status = reserve(fd, size, path);
  if (!status.ok()) {
    if (ftruncate(fd, sizeof(sem_t)) != 0) return Status::system("ftruncate", path);
    return status;
  }
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return Status::system("mmap", path);
  auto* base = static_cast<char*>(mapped);
  memset(base + header_offset(true), 0, size - header_offset(true));
  auto* ledger = reinterpret_cast<Ledger*>(base + LEDGER_OF_FILE);
  ledger->bound = bound;
  ledger->word_in_front = 1;
  write_header(base, SEGMENT_OBJECT, size, spec);
  munmap(mapped, size);
  return {};
}

}  // namespace

std::string semaphore_file_name(const std::string& name) {
#if defined(__GLIBC__)
  return "sem." + name;
#else
  return name;
#endif
}

bool plain_semaphore(int fd, uint64_t size, uint32_t* value) {
  char mark[sizeof ADOPTING] = {};
  const bool begun = pread(fd, mark, sizeof mark, sizeof(sem_t)) == sizeof mark && memcmp(mark, ADOPTING, sizeof mark) == 0;
  return (size == sizeof(sem_t) || begun) && pread(fd, value, sizeof *value, 0) == sizeof *value && *value <= SEMAPHORE_MOST;
}

Status adopt_semaphore(const std::string& file_name, const ObjectSpec& spec, uint32_t bound) {
  const std::string path = shm_path(file_name);
  int fd;
  const Status opened = open_name(file_name, &fd);
  if (!opened.ok()) return opened;
  struct flock range = {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = ADOPTION_BYTE;
  range.l_len = 1;
  while (fcntl(fd, F_OFD_SETLKW, &range) != 0) {
    if (errno == EINTR) continue;
    const Status status = Status::system("fcntl", path);
    close(fd);
    return status;
  }
  const Status status = adopt(fd, path, spec, bound);
  close(fd);
  return status;
}

}  // namespace sharedctypes
