// Segments: files in memory, mapped once in each process however many threads and objects use them.
#ifndef SHAREDCTYPES_CORE_SEGMENT_H
#define SHAREDCTYPES_CORE_SEGMENT_H

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "layout.h"
#include "mapping.h"
#include "status.h"

namespace sharedctypes {

// What a new segment holds, for its header.
struct ObjectSpec {
  uint32_t object_kind = 0;
  uint32_t lock_kind = LOCK_NONE;
  uint32_t type = 0;
  uint64_t length = 0;
  uint64_t element_size = 0;
  std::string type_name;
  bool posix_semaphore = false;  // lies in a file that sem_open opens
};

// A mapped segment. Everything but `base` and what lies behind it belongs to this process and is guarded by registry_mutex().
class Segment {
 public:
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  char* base() const { return mapping_->base; }
  const std::shared_ptr<Mapping>& mapping() const { return mapping_; }
  uint64_t size() const { return size_; }
  int fd() const { return fd_; }
  ino_t inode() const { return inode_; }
  dev_t device() const { return device_; }
  // As it was when it was checked: what lies in shared memory by now may have been damaged since.
  const SegmentHeader* header() const { return &header_; }
  bool is_arena() const { return header()->segment_kind == SEGMENT_ARENA; }
  bool is_semaphore_file() const { return semaphore_file_; }
  // Objects open in it, in all threads together: unmapped when it falls to 0, as far as no ArrayBuffer has a share in the memory.
  uint32_t users = 0;
  // Whether its memory goes then, though ArrayBuffers have it still. Set by each close.
  bool close_now = false;

  // Our slot in it; see slots.h. Until there is one: no slot that anybody asks for.
  uint32_t slot = USER_OVERFLOW;
  // Arenas: how many objects at each block this process has open. See arena.h.
  bool created_here = false;
  std::vector<uint32_t> open_here;
  // Our own arenas: what has become of each block. A block is freed by the one transition out of `used` or `limbo` alone.
  enum class BlockState : uint8_t { unused, used, limbo };
  std::vector<BlockState> states;
  std::vector<uint8_t> units;  // of each block that holds an object: where to put it when it is free, whatever its descriptor says by then

 private:
  friend struct SegmentFactory;
  Segment() = default;
  std::shared_ptr<Mapping> mapping_;
  SegmentHeader header_ = {};
  bool semaphore_file_ = false;
  uint64_t size_ = 0;
  int fd_ = -1;
  ino_t inode_ = 0;
  dev_t device_ = 0;
};

// An anonymous segment: a memfd, its size sealed, its pages reserved, its header written.
Status create_anonymous(uint32_t segment_kind, uint64_t size, const ObjectSpec& spec, std::unique_ptr<Segment>* out);

// A segment in /dev/shm that has no name yet: link_file() gives it one. Killed in between: the kernel frees it.
Status create_unnamed_file(uint64_t size, mode_t mode, const ObjectSpec& spec, std::unique_ptr<Segment>* out);

// Maps what `fd` refers to after checking that it is a segment of ours, whole and of this layout version. Takes the descriptor.
Status open_descriptor(int fd, const std::string& path, std::unique_ptr<Segment>* out);
// Opens a named segment. ENOENT where there is none.
Status open_named(const std::string& name, std::unique_ptr<Segment>* out);
// Opens the segment behind descriptor `fd` of process `pid`, provided that it is inode `inode`.
Status open_remote(int pid, int fd, uint64_t inode, std::unique_ptr<Segment>* out);

}  // namespace sharedctypes

#endif
