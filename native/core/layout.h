// What every shared byte is. docs/LAYOUT.md is the same in prose, for readers in other languages: change both, and LAYOUT_VERSION.
//
// Rules for every word here:
//  - It may be read by a process that we did not start, so readers check what they read against the size of the file.
//  - Its writer may be killed between any two instructions. Each field says who writes it, under what, and what a death leaves.
#ifndef SHAREDCTYPES_CORE_LAYOUT_H
#define SHAREDCTYPES_CORE_LAYOUT_H

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sharedctypes {

constexpr char MAGIC[8] = {'S', 'H', 'C', 'T', 'Y', 'P', 'E', 'S'};
constexpr uint32_t LAYOUT_VERSION = 1;
constexpr uint64_t PAGE = 4096;
constexpr uint64_t UNIT = 64;  // the grain of an arena: one cache line, so that no two objects share one

enum SegmentKind : uint32_t { SEGMENT_ARENA = 1, SEGMENT_OBJECT = 2 };
enum ObjectKind : uint32_t { OBJECT_VALUE = 1, OBJECT_ARRAY = 2, OBJECT_LOCK = 3, OBJECT_RLOCK = 4 };
enum LockKind : uint32_t { LOCK_NONE = 0, LOCK_PLAIN = 1, LOCK_RECURSIVE = 2 };

// A lock and what belongs to it. 56 bytes, so that an 8-byte value shares its cache line.
struct LockWord {
  union {
    // Written by the C library and, when an owner dies, by the kernel. Robust, process-shared, error-checking. A C program may lock
    // it with pthread_mutex_lock.
    pthread_mutex_t mutex;
    uint8_t space[48];  // x86-64 glibc: 40; arm64 glibc: 48; musl: 40
  };
  // The holder's process id, with the flags below. Written only by the holder, between lock and unlock; 0 while nobody holds it.
  // Killed after the lock and before this word is written: it stays 0, and the next taker reports the dead owner's pid as 0,
  // unknown. Killed later: it names the dead.
  std::atomic<uint32_t> owner;
  // Futex word for watchers (threads that wait without owning). Bit 0: somebody watches; bits 1 to 31 count the wake-ups given.
  // A watcher sets bit 0, then looks at the mutex; whoever unlocks looks at bit 0 afterwards (both sequentially consistent), so one
  // of them sees the other. Killed between unlock and wake-up: watchers look again after WATCH_TICK_MS.
  std::atomic<uint32_t> wake;
};
static_assert(sizeof(pthread_mutex_t) <= 48, "pthread_mutex_t does not fit the layout on this platform");
static_assert(sizeof(LockWord) == 56 && offsetof(LockWord, owner) == 48, "LockWord is part of the layout");

constexpr uint32_t OWNER_PID_MASK = 0x3fffffff;
constexpr uint32_t OWNER_FLOW = 0x40000000;   // held by an asynchronous flow of the owning thread: the fast path steps aside
constexpr uint32_t OWNER_DIRTY = 0x80000000;  // an owner died and nobody has mended what the lock guards. Outlives the holder.
constexpr uint32_t WAKE_WATCHED = 1;
constexpr uint32_t WAKE_STEP = 2;

// At offset 0 of every segment. Written by the creator before the segment can be reached by anyone else, constant ever after.
struct SegmentHeader {
  char magic[8];
  uint32_t version;
  uint32_t segment_kind;
  uint64_t size;  // of the whole file, bytes
  uint64_t id;    // random; with the inode it tells this segment from any other, also from one that got its number later
  uint32_t creator_pid;
  uint32_t mutex_size;    // sizeof(pthread_mutex_t) and the place of its futex word: a C library that disagrees
  uint32_t mutex_offset;  // must not touch the locks
  uint32_t object_kind;   // from here on for SEGMENT_OBJECT, else 0
  uint32_t lock_kind;
  uint32_t type;  // fingerprint of the element's C type
  uint64_t length;
  uint64_t element_size;
  uint64_t lock_offset;  // 0: none
  uint64_t data_offset;
  char type_name[40];  // for people; NUL-terminated, cut if too long
  uint64_t reserved[10];
};
static_assert(sizeof(SegmentHeader) == 208, "SegmentHeader is part of the layout");

constexpr uint64_t OBJECT_LOCK_OFFSET = 256;   // in a SEGMENT_OBJECT
constexpr uint64_t OBJECT_SMALL_OFFSET = 320;  // data that fits into the first page; larger data starts on the second

// How many processes may use an arena and still be told apart. Later ones share the last bit.
constexpr uint32_t USER_SLOTS = 63;
constexpr uint32_t USER_OVERFLOW = 63;

// Who uses what in an arena; one for each UNIT, of which only an object's first counts.
struct BlockDescriptor {
  // Bit i: the process in slot i has the object open. Set and cleared under ArenaHeader::mutex. A process that dies leaves its
  // bits; whoever takes over its slot, or its object's place, clears them first. Bit 63 (slots exhausted) is never cleared.
  std::atomic<uint64_t> users;
  // Counts the objects that lived here. Written by the creator under ArenaHeader::mutex when a block is freed: a handle of
  // an earlier object is stale from then on, before the bytes are used again.
  std::atomic<uint32_t> generation;
  // The rest: written by the creator under ArenaHeader::mutex before the handle exists.
  uint32_t units;  // 0: no object starts here
  uint32_t object_kind;
  uint32_t lock_kind;
  uint32_t type;
  uint32_t data_offset;  // from the block's start
  uint64_t length;
  uint64_t element_size;
};
static_assert(sizeof(BlockDescriptor) == 48, "BlockDescriptor is part of the layout");

// Behind the SegmentHeader of an arena, at ARENA_OFFSET.
struct ArenaHeader {
  union {
    // Guards the slots and all descriptors. Held for a few instructions, never while waiting. Every change under it leaves a usable state
    // after each store, so a taker after a death only has to make the mutex consistent.
    pthread_mutex_t mutex;
    uint8_t space[64];
  };
  // Process id in slot i, 0: free. Slot i is alive while somebody holds the open-file lock on byte i of the file, which the kernel
  // drops with the process; a pid without that lock is a dead one's slot. Slot 0 is the creator's.
  std::atomic<uint32_t> slot_pid[64];
};
static_assert(sizeof(ArenaHeader) == 320, "ArenaHeader is part of the layout");

constexpr uint64_t ARENA_OFFSET = 256;
constexpr uint64_t DESCRIPTORS_OFFSET = ARENA_OFFSET + sizeof(ArenaHeader);
static_assert(DESCRIPTORS_OFFSET % UNIT == 0, "descriptors start on a cache line");

// The first block of an arena of `size` bytes, and how many there are.
struct ArenaShape {
  uint64_t blocks_offset;
  uint32_t count;
};
constexpr ArenaShape arena_shape(uint64_t size) {
  uint64_t count = (size - DESCRIPTORS_OFFSET) / (UNIT + sizeof(BlockDescriptor));
  uint64_t offset = (DESCRIPTORS_OFFSET + count * sizeof(BlockDescriptor) + UNIT - 1) / UNIT * UNIT;
  while (offset + count * UNIT > size) --count;
  return {offset, static_cast<uint32_t>(count)};
}

}  // namespace sharedctypes

#endif
