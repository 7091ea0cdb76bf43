// Which segments this process has mapped. One table for all its threads: a segment is mapped once, however many objects, threads and
// environments use it, and unmapped when the last object in it is closed.
#ifndef SHAREDCTYPES_CORE_REGISTRY_H
#define SHAREDCTYPES_CORE_REGISTRY_H

#include <cstdint>
#include <memory>
#include <mutex>

#include "segment.h"

namespace sharedctypes {

// Guards the table, and in every Segment all that belongs to the process. Taken before an arena's own mutex, never after.
std::mutex& registry_mutex();

// The functions below are called with registry_mutex() held.

// Numbers are reused; a number is valid while something in its segment is open.
uint32_t registry_add(std::unique_ptr<Segment> segment);
Segment* registry_at(uint32_t number);
// The number of the segment with this inode, or UINT32_MAX.
uint32_t registry_find(dev_t device, ino_t inode);
uint32_t registry_find_id(uint64_t id);

// One more object open in the segment (an arena's `block`; 0 in a segment of one object).
void open_object(Segment* segment, uint32_t block);
// One less. Frees the block in an arena, gives back our slot there, unmaps the segment: whatever this was the last use of.
void close_object(uint32_t number, uint32_t block);
// Unmaps a segment that nothing was opened in after all.
void release_if_unused(uint32_t number);

}  // namespace sharedctypes

#endif
