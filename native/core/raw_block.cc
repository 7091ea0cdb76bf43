#include "raw_block.h"

#include <unistd.h>

#include <vector>

#include "leases.h"
#include "orphans.h"
#include "reserve.h"
#include "shm_file.h"

namespace sharedctypes {

RawBlock::~RawBlock() {
  if (fd >= 0) close(fd);
}

namespace {

// Never destroyed: they outlive every thread.
std::vector<std::unique_ptr<RawBlock>>& table() {
  static auto* blocks = new std::vector<std::unique_ptr<RawBlock>>();
  return *blocks;
}

std::vector<uint32_t>& free_numbers() {
  static auto* numbers = new std::vector<uint32_t>();
  return *numbers;
}

// What file it is, and how large.
Status look(RawBlock* block, const std::string& path) {
  struct stat info;
  if (fstat(block->fd, &info) != 0) return Status::system("fstat", path);
  if (!S_ISREG(info.st_mode)) return Status::mismatch(path + " is not a regular file");
  if (info.st_size == 0) return Status::mismatch(path + " is empty (0 bytes): whoever makes it has given it no size yet");
  block->size = static_cast<uint64_t>(info.st_size);
  block->inode = info.st_ino;
  block->device = info.st_dev;
  return {};
}

// Looks at what was opened, and maps it.
Status look_and_map(std::unique_ptr<RawBlock> block, const std::string& path, std::unique_ptr<RawBlock>* out) {
  Status status = look(block.get(), path);
  // CPython reserves nothing: without this its block is a SIGBUS in wait when /dev/shm fills up.
  if (status.ok()) status = reserve(block->fd, block->size, path);
  if (status.ok()) status = map_file(block->fd, block->size, path, &block->mapping);
  if (status.ok()) *out = std::move(block);
  return status;
}

}  // namespace

Status raw_create(uint64_t size, std::unique_ptr<RawBlock>* out) {
  auto block = std::make_unique<RawBlock>();
  Status status = open_unnamed(&block->fd);
  if (status.ok()) status = allocate(block->fd, size, SHM_FOLDER);
  if (status.ok()) status = look(block.get(), SHM_FOLDER);
  if (status.ok()) status = map_file(block->fd, block->size, SHM_FOLDER, &block->mapping);
  if (status.ok()) *out = std::move(block);
  return status;
}

Status raw_publish(RawBlock* block, const std::string& name) {
  const Status status = link_file(block->fd, name);
  if (status.ok()) block->lease = is_automatic(name.c_str(), block->inode);
  return status;
}

Status raw_open(const std::string& name, std::unique_ptr<RawBlock>* out) {
  auto block = std::make_unique<RawBlock>();
  Status status = open_name(name, &block->fd);
  if (status.error == EAGAIN) status.error = ENOENT;  // an orphan that is being removed just now (orphans.h)
  if (!status.ok()) return status;
  // It was an orphan, and has been removed since we found its name.
  if (!is_linked(block->fd)) return Status::system(ENOENT, "open", shm_path(name));
  return look_and_map(std::move(block), shm_path(name), out);
}

Status raw_open_remote(int pid, int fd, uint64_t inode, std::unique_ptr<RawBlock>* out) {
  auto block = std::make_unique<RawBlock>();
  std::string path;
  Status status = open_descriptor_of(pid, fd, inode, &path, &block->fd);
  struct stat info, folder;
  if (status.ok() && (fstat(block->fd, &info) != 0 || stat(SHM_FOLDER, &folder) != 0 || info.st_dev != folder.st_dev)) {
    status = Status::stale(path + " is no file of " + SHM_FOLDER);  // of that inode by chance: not to be touched
  }
  return status.ok() ? look_and_map(std::move(block), path, out) : status;
}

std::mutex& raw_blocks_mutex() {
  static auto* mutex = new std::mutex();
  return *mutex;
}

uint32_t raw_add(std::unique_ptr<RawBlock> block) {
  if (free_numbers().empty()) {
    table().push_back(std::move(block));
    return static_cast<uint32_t>(table().size() - 1);
  }
  const uint32_t number = free_numbers().back();
  free_numbers().pop_back();
  table()[number] = std::move(block);
  return number;
}

RawBlock* raw_at(uint32_t number) {
  return number < table().size() ? table()[number].get() : nullptr;
}

void raw_release(uint32_t number, bool now) {
  RawBlock* block = raw_at(number);
  if (--block->users > 0) return;
  if (now) retire(block->mapping);
  if (block->lease && is_linked(block->fd)) {
    lease_keep(block->inode, block->fd);
    block->fd = -1;
  }
  table()[number].reset();
  free_numbers().push_back(number);
}

std::unordered_set<ino_t> raw_inodes() {
  std::unordered_set<ino_t> inodes;
  for (const auto& block : table()) {
    if (block) inodes.insert(block->inode);
  }
  leases_add_inodes(&inodes);
  return inodes;
}

}  // namespace sharedctypes
