#include "raw.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>

#include "../../../native/core/orphans.h"
#include "../../../native/core/shm_file.h"

namespace native_test {

using namespace sharedctypes;

namespace {

// What was there before, where others use the same folder.
std::vector<std::string>& known() {
  static std::vector<std::string> names;
  return names;
}

bool write_file(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  const bool written = fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return written;
}

// As root, or as one in a user namespace.
bool separate() {
  if (unshare(CLONE_NEWNS) == 0) return true;
  const std::string user = std::to_string(geteuid()), group = std::to_string(getegid());
  return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_file("/proc/self/setgroups", "deny") &&
         write_file("/proc/self/uid_map", "0 " + user + " 1") && write_file("/proc/self/gid_map", "0 " + group + " 1");
}

ino_t inode_of(const std::string& name) {
  struct stat info;
  return lstat(shm_path(name).c_str(), &info) == 0 ? info.st_ino : 0;
}

// The first write of a process to a page: the kernel takes it down as a change of the file.
void touch(const RawBlock& block) {
  void* at = mmap(nullptr, block.size, PROT_READ | PROT_WRITE, MAP_SHARED, block.fd, 0);
  CHECK(at != MAP_FAILED);
  memset(at, RAW_BYTE, block.size);
  munmap(at, block.size);
}

// As CPython's SharedMemory makes one.
void make_foreign(const std::string& name) {
  const int fd = open(shm_path(name).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  CHECK(fd >= 0);
  CHECK_EQUAL(ftruncate(fd, RAW_SIZE), 0);
  close(fd);
}

}  // namespace

void own_shm() {
  if (!separate()) {
    note("in the /dev/shm of all");
    known() = raw_names();
    return;
  }
  CHECK_EQUAL(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
  CHECK_EQUAL(mount("tmpfs", SHM_FOLDER, "tmpfs", 0, "size=16m"), 0);
}

std::vector<std::string> raw_names() {
  std::vector<std::string> names;
  DIR* folder = opendir(SHM_FOLDER);
  CHECK(folder != nullptr);
  while (const dirent* entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name[0] != '.' && std::find(known().begin(), known().end(), name) == known().end()) names.push_back(name);
  }
  closedir(folder);
  return names;
}

bool is_there(const std::string& name) {
  return inode_of(name) != 0;
}

Named make(const std::string& name) {
  Named made{nullptr, name};
  CHECK(raw_create(RAW_SIZE, &made.block).ok());
  memset(made.block->mapping->base, RAW_BYTE, RAW_SIZE);
  if (name.empty()) made.name = automatic_name(made.block->inode, 0);
  CHECK(raw_publish(made.block.get(), made.name).ok());
  touch(*made.block);
  return made;
}

Named make_automatic() {
  return make({});
}

Named make_named(const std::string& name) {
  return make(name);
}

std::string make_orphan() {
  return make({}).name;
}

void check_whole(const RawBlock& block, const std::string& name) {
  CHECK_EQUAL(inode_of(name), block.inode);
  CHECK_EQUAL(block.size, RAW_SIZE);
  for (uint64_t i = 0; i < RAW_SIZE; ++i) CHECK_EQUAL(block.mapping->base[i], RAW_BYTE);
}

void Bystanders::add(const std::string& name) {
  all_.push_back({name, inode_of(name)});
}

Bystanders::Bystanders() {
  open_ = make_automatic();
  add(open_.name);
  // Only a mapping, its descriptor closed.
  {
    const Named made = make_automatic();
    mapping_ = mmap(nullptr, RAW_SIZE, PROT_READ, MAP_SHARED, made.block->fd, 0);
    CHECK(mapping_ != MAP_FAILED);
    add(made.name);
  }
  // Only for reading, and not mapped.
  {
    const Named made = make_automatic();
    reader_ = open(shm_path(made.name).c_str(), O_RDONLY | O_CLOEXEC);
    CHECK(reader_ >= 0);
    add(made.name);
  }
  // A user's choice, and CPython's, though they look like ours.
  make_named("psm_00000001");
  add("psm_00000001");
  make_foreign("psm_00000002");
  add("psm_00000002");
  CHECK_EQUAL(all_.size(), BYSTANDERS);
}

bool Bystanders::include(const std::string& name) const {
  return std::any_of(all_.begin(), all_.end(), [&](const Bystander& each) { return each.name == name; });
}

void Bystanders::check() const {
  for (const auto& [name, inode] : all_) {
    CHECK(inode != 0);
    CHECK_EQUAL(inode_of(name), inode);
  }
  check_whole(open_);
  for (uint64_t i = 0; i < RAW_SIZE; ++i) CHECK_EQUAL(static_cast<const char*>(mapping_)[i], RAW_BYTE);
  char byte = 0;
  CHECK_EQUAL(pread(reader_, &byte, 1, RAW_SIZE - 1), 1);
  CHECK_EQUAL(byte, RAW_BYTE);
}

Bystanders::~Bystanders() {
  munmap(mapping_, RAW_SIZE);
  close(reader_);
  for (const auto& each : all_) unlink(shm_path(each.name).c_str());
}

}  // namespace native_test
