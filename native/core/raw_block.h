// Raw blocks: files in /dev/shm that hold their users' bytes and nothing else, as CPython's SharedMemory makes and opens them.
//
// Without a header there is no word of ours in them. What we have to know of a block stands beside its bytes, in the file itself:
//  - in use: while anybody has it open or mapped, in whatever language. The kernel keeps count, and drops a process's part when it dies.
//  - auto-named, and by us: its name fits its inode. See orphans.h.
#ifndef SHAREDCTYPES_CORE_RAW_BLOCK_H
#define SHAREDCTYPES_CORE_RAW_BLOCK_H

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "mapping.h"
#include "status.h"

namespace sharedctypes {

struct RawBlock {
  std::shared_ptr<Mapping> mapping;
  uint64_t size = 0;
  int fd = -1;
  ino_t inode = 0;
  dev_t device = 0;
  // In this process: the object that opened it, and what keeps it for others that are still to open it.
  uint32_t users = 1;
  // We made it, under a name of our choice: its descriptor becomes a lease with the last use here. See leases.h.
  bool lease = false;

  RawBlock() = default;
  ~RawBlock();
  RawBlock(const RawBlock&) = delete;
  RawBlock& operator=(const RawBlock&) = delete;
};

// A block of `size` bytes, all pages reserved, mapped, without a name yet.
Status raw_create(uint64_t size, std::unique_ptr<RawBlock>* out);
// Names it.
Status raw_publish(RawBlock* block, const std::string& name);
// ENOSPC: whoever made the block reserved no memory for it, and there is none.
Status raw_open(const std::string& name, std::unique_ptr<RawBlock>* out);
// The block behind descriptor `fd` of process `pid`.
Status raw_open_remote(int pid, int fd, uint64_t inode, std::unique_ptr<RawBlock>* out);

// The blocks of this process, for all its threads. Numbers are reused; one is valid while its block has users. The functions below, and
// RawBlock::users, are for who holds the mutex.
std::mutex& raw_blocks_mutex();
uint32_t raw_add(std::unique_ptr<RawBlock> block);
RawBlock* raw_at(uint32_t number);
// One user less. With the last one the block goes, its memory only when no ArrayBuffer has a share in it. `now`: then too, at once.
void raw_release(uint32_t number, bool now);
// The inodes of all blocks of which this process has a use or a lease.
std::unordered_set<ino_t> raw_inodes();

}  // namespace sharedctypes

#endif
