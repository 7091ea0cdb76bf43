// Arenas: segments in which many small objects live, a cache line or a few each.
//
// Only the process that created an arena puts objects into it. Others open objects there; a bit for each of them in the object's
// descriptor says so, and the bytes are not used again while any bit is set by a living process.
#ifndef SHAREDCTYPES_CORE_ARENA_H
#define SHAREDCTYPES_CORE_ARENA_H

#include "segment.h"

namespace sharedctypes {

constexpr uint64_t ARENA_LARGEST_OBJECT = 4096;  // bytes with lock; larger objects get a segment of their own

// What a descriptor says of its object: a copy, because what lies in shared memory may change after it was checked.
struct BlockContent {
  uint32_t units = 0;
  uint32_t object_kind = 0;
  uint32_t lock_kind = 0;
  uint32_t type = 0;
  uint32_t data_offset = 0;
  uint64_t length = 0;
  uint64_t element_size = 0;
};

// An object in an arena.
struct Place {
  uint32_t segment = 0;  // registry number
  uint32_t block = 0;
  uint32_t generation = 0;
  uint64_t offset = 0;       // of the block in the segment: its lock, if it has one
  uint64_t data_offset = 0;  // of its data in the segment
  BlockContent content;
};

// Bytes an object takes in an arena.
uint64_t arena_bytes(const ObjectSpec& spec);

// All of these are called with registry_mutex() held.

// Makes an object: zeroed, unlocked, open once in this process.
Status arena_create(const ObjectSpec& spec, Place* place);

// Makes a mapped arena of another process usable.
void arena_join(Segment* segment);

// Opens the object at `offset`, provided that it is of generation `generation` and still there; counts it as open.
Status arena_open(uint32_t number, uint64_t offset, uint32_t generation, Place* place);

// This process has nothing open at the block any more.
void arena_drop(uint32_t number, uint32_t block);

// Where the block's lock is in the segment; 0 if it has none.
uint64_t arena_lock_offset(const Segment* segment, uint32_t block);

// Reads a block's descriptor, which is untrusted. False: no object starts there, or what it says does not lie inside the arena.
bool arena_content(const Segment* segment, uint32_t block, BlockContent* content);

BlockDescriptor* arena_descriptor(const Segment* segment, uint32_t block);

}  // namespace sharedctypes

#endif
