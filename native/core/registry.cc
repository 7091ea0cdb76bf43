#include "registry.h"

#include <vector>

#include "arena.h"
#include "slots.h"

namespace sharedctypes {

namespace {

std::vector<std::unique_ptr<Segment>>& table() {
  static auto* segments = new std::vector<std::unique_ptr<Segment>>();  // outlives every thread: never destroyed
  return *segments;
}

template <typename Matches>
uint32_t find_if(Matches matches) {
  for (uint32_t number = 0; number < table().size(); ++number) {
    if (table()[number] && matches(*table()[number])) return number;
  }
  return UINT32_MAX;
}

}  // namespace

std::mutex& registry_mutex() {
  static auto* mutex = new std::mutex();
  return *mutex;
}

uint32_t registry_add(std::unique_ptr<Segment> segment) {
  for (uint32_t number = 0; number < table().size(); ++number) {
    if (!table()[number]) {
      table()[number] = std::move(segment);
      return number;
    }
  }
  table().push_back(std::move(segment));
  return static_cast<uint32_t>(table().size() - 1);
}

Segment* registry_at(uint32_t number) {
  return number < table().size() ? table()[number].get() : nullptr;
}

uint32_t registry_find(dev_t device, ino_t inode) {
  return find_if([&](const Segment& segment) { return segment.device() == device && segment.inode() == inode; });
}

uint32_t registry_find_id(uint64_t id) {
  return find_if([&](const Segment& segment) { return segment.header()->id == id; });
}

void open_object(Segment* segment, uint32_t block) {
  ++segment->users;
  if (segment->is_arena()) ++segment->open_here[block];
}

void close_object(uint32_t number, uint32_t block) {
  Segment* segment = registry_at(number);
  --segment->users;
  if (segment->is_arena() && --segment->open_here[block] == 0) arena_drop(number, block);
  release_if_unused(number);
}

void release_if_unused(uint32_t number) {
  Segment* segment = registry_at(number);
  // Our own arenas stay: their free blocks serve the next objects.
  if (segment->users > 0 || segment->created_here) return;
  leave_slots(segment);
  table()[number].reset();
}

}  // namespace sharedctypes
