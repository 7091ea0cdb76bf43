#include "reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace sharedctypes {

namespace {

constexpr uint64_t RESERVE_STEP = 256u << 20;
// Older kernels begin a call anew after a signal and undo what it had done. Where signals come often (a profiler's, a timer's), only a
// short call gets through.
constexpr uint64_t LEAST_STEP = 256u << 10;
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

// Copies of files that are counted as used, and that the kernel drops when memory is wanted.
uint64_t cached_files(const std::string& folder) {
  uint64_t bytes = 0;
  for (const char* key : {"inactive_file ", "active_file "}) {
    const uint64_t found = number_in(folder + "/memory.stat", key);
    if (found != UINT64_MAX) bytes += found;
  }
  return bytes;
}

// Of version 2 alone.
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
      if (limit != UINT64_MAX && used != UINT64_MAX) headroom = std::min(headroom, limit - std::min(limit, used) + cached_files(folder));
      if (group.empty() || group.rfind('/') == std::string::npos) break;
    }
    return headroom;
  }
  return UINT64_MAX;
}

// What a file system says it still has. UINT64_MAX where it has no limit of its own.
uint64_t room_in_file_system(int fd) {
  struct statvfs info;
  if (fstatvfs(fd, &info) != 0 || info.f_blocks == 0) return UINT64_MAX;
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

uint64_t memory_available() {
  const uint64_t free_kib = number_in("/proc/meminfo", "MemAvailable:");
  if (free_kib == UINT64_MAX) return UINT64_MAX;
  const uint64_t swap_kib = number_in("/proc/meminfo", "SwapFree:");
  return std::min((free_kib + (swap_kib == UINT64_MAX ? 0 : swap_kib)) * 1024, control_group_headroom());
}

Status reserve_missing(int fd, uint64_t size, uint64_t missing, const std::string& path) {
  // Asked beforehand: a big request that can't be met would take its time to fail, and everybody else's memory meanwhile.
  const Status status = missing >= CHECK_MEMORY_FROM ? room_for(fd, missing, path) : Status{};
  if (!status.ok()) return status;
  uint64_t step = RESERVE_STEP;
  for (uint64_t at = 0; at < size;) {
    const uint64_t bytes = std::min(step, size - at);
    if (fallocate(fd, 0, static_cast<off_t>(at), static_cast<off_t>(bytes)) == 0) {
      at += bytes;
      step = std::min(RESERVE_STEP, 2 * step);
    } else if (errno != EINTR) {
      return Status::system("fallocate", path);
    } else {
      step = std::max(LEAST_STEP, step / 2);
    }
  }
  return {};
}

}  // namespace

Status room_for(int fd, uint64_t bytes, const std::string& path) {
  if (bytes > room_in_file_system(fd)) return Status::system(ENOSPC, "fallocate", path);
  if (bytes > memory_available()) return Status::system(ENOMEM, "fallocate", path);
  return {};
}

Status reserve(int fd, uint64_t size, const std::string& path) {
  struct stat info;
  if (fstat(fd, &info) != 0) return Status::system("fstat", path);
  const uint64_t there = static_cast<uint64_t>(info.st_blocks) * 512;
  return there >= size ? Status{} : reserve_missing(fd, size, size - there, path);
}

Status allocate(int fd, uint64_t size, const std::string& path) {
  if (size > static_cast<uint64_t>(INT64_MAX)) return Status::system(ENOMEM, "fallocate", path);
  return reserve_missing(fd, size, size, path);
}

}  // namespace sharedctypes
