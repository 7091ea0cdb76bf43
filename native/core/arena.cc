#include "arena.h"

#include <algorithm>
#include <cstring>

#include "mutex.h"
#include "registry.h"
#include "slots.h"
#include "sweep.h"

namespace sharedctypes {

namespace {

constexpr uint64_t FIRST_ARENA = 64u << 10;
constexpr uint64_t LARGEST_ARENA = 16u << 20;
constexpr uint32_t LARGEST_UNITS = ARENA_LARGEST_OBJECT / UNIT;
constexpr size_t RECLAIM_FROM = 64;

struct BlockRef {
  uint32_t segment;
  uint32_t block;
};

// The arenas that this process created, and their free space. Lost with the process, as the right to allocate is.
struct Pool {
  uint32_t arena = UINT32_MAX;  // registry number of the newest: where unused space is
  uint32_t next = 0;            // its first block never used
  uint64_t next_size = FIRST_ARENA;
  std::vector<BlockRef> free[LARGEST_UNITS + 1];  // by units
  std::vector<BlockRef> limbo;                    // closed here, perhaps still open elsewhere
  size_t reclaim_at = RECLAIM_FROM;
};

Pool& pool() {
  static auto* instance = new Pool();
  return *instance;
}

uint64_t block_offset(const Segment* segment, uint32_t block) {
  return arena_shape(segment->size()).blocks_offset + block * UNIT;
}

uint64_t data_start(const ObjectSpec& spec) {
  if (spec.lock_kind == LOCK_NONE) return 0;
  return spec.length * spec.element_size <= 8 ? sizeof(LockWord) : UNIT;
}

// Under the arena's mutex.
void free_block(Segment* segment, uint32_t number, uint32_t block) {
  segment->states[block] = Segment::BlockState::unused;
  BlockDescriptor* descriptor = arena_descriptor(segment, block);
  descriptor->generation.fetch_add(1);
  pool().free[segment->units[block]].push_back({number, block});
}

// Frees what was closed here and is by now closed everywhere.
void reclaim() {
  std::vector<BlockRef> limbo;
  limbo.swap(pool().limbo);
  uint32_t swept = UINT32_MAX;
  std::sort(limbo.begin(), limbo.end(), [](BlockRef a, BlockRef b) { return a.segment < b.segment; });
  for (const BlockRef& ref : limbo) {
    Segment* segment = registry_at(ref.segment);
    // Opened again here and closed last by us, it was freed then, and may have been used anew.
    if (segment->states[ref.block] != Segment::BlockState::limbo) continue;
    ShortLock lock(&slot_table(segment)->mutex);
    if (swept != ref.segment) sweep_dead(segment);
    swept = ref.segment;
    if (arena_descriptor(segment, ref.block)->users.load() == 0) free_block(segment, ref.segment, ref.block);
    else pool().limbo.push_back(ref);
  }
  pool().reclaim_at = std::max(RECLAIM_FROM, pool().limbo.size() * 2);
}

Status grow() {
  std::unique_ptr<Segment> segment;
  Status status = create_anonymous(SEGMENT_ARENA, pool().next_size, {}, &segment);
  if (!status.ok()) return status;
  segment->created_here = true;
  segment->open_here.resize(arena_shape(segment->size()).count);
  segment->states.resize(segment->open_here.size());
  segment->units.resize(segment->open_here.size());
  pool().arena = registry_add(std::move(segment));
  pool().next = 0;
  pool().next_size = std::min(pool().next_size * 2, LARGEST_ARENA);
  return {};
}

// Room for an object, from what was freed, what was never used, or a new arena.
Status find_room(uint32_t units, BlockRef* room) {
  Pool& p = pool();
  if (p.free[units].empty() && p.limbo.size() >= p.reclaim_at) reclaim();
  if (!p.free[units].empty()) {
    *room = p.free[units].back();
    p.free[units].pop_back();
    return {};
  }
  const Segment* arena = p.arena == UINT32_MAX ? nullptr : registry_at(p.arena);
  if (arena == nullptr || p.next + units > arena_shape(arena->size()).count) {
    Status status = grow();
    if (!status.ok()) return status;
  }
  *room = {p.arena, p.next};
  p.next += units;
  return {};
}

}  // namespace

BlockDescriptor* arena_descriptor(const Segment* segment, uint32_t block) {
  return reinterpret_cast<BlockDescriptor*>(segment->base() + arena_shape(segment->size()).descriptors_offset) + block;
}

uint64_t arena_lock_offset(const Segment* segment, uint32_t block) {
  return arena_descriptor(segment, block)->lock_kind == LOCK_NONE ? 0 : block_offset(segment, block);
}

bool arena_content(const Segment* segment, uint32_t block, BlockContent* content) {
  const BlockDescriptor* d = arena_descriptor(segment, block);
  *content = {d->units, d->object_kind, d->lock_kind, d->type, d->data_offset, d->length, d->element_size};
  std::atomic_signal_fence(std::memory_order_seq_cst);  // the copy is what is checked below
  const uint64_t room = content->units * UNIT;
  uint64_t bytes;
  return content->units > 0 && content->units <= LARGEST_UNITS && content->units <= arena_shape(segment->size()).count - block &&
         !__builtin_mul_overflow(content->length, content->element_size, &bytes) && bytes <= room && content->data_offset <= room - bytes &&
         content->data_offset % 8 == 0 && (content->lock_kind == LOCK_NONE || content->data_offset >= sizeof(LockWord)) &&
         bytes >= least_data(content->object_kind);
}

uint64_t arena_bytes(const ObjectSpec& spec) {
  return data_start(spec) + spec.length * spec.element_size;
}

Status arena_create(const ObjectSpec& spec, Place* place) {
  const auto units = static_cast<uint32_t>(std::max<uint64_t>(1, (arena_bytes(spec) + UNIT - 1) / UNIT));
  BlockRef room;
  Status status = find_room(units, &room);
  if (!status.ok()) return status;
  Segment* segment = registry_at(room.segment);
  BlockDescriptor* descriptor = arena_descriptor(segment, room.block);
  const uint64_t offset = block_offset(segment, room.block);
  memset(segment->base() + offset, 0, units * UNIT);
  if (spec.lock_kind != LOCK_NONE) mutex_init(&reinterpret_cast<LockWord*>(segment->base() + offset)->mutex);
  segment->states[room.block] = Segment::BlockState::used;
  segment->units[room.block] = static_cast<uint8_t>(units);
  descriptor->units = units;
  descriptor->object_kind = spec.object_kind;
  descriptor->lock_kind = spec.lock_kind;
  descriptor->type = spec.type;
  descriptor->data_offset = static_cast<uint32_t>(data_start(spec));
  descriptor->length = spec.length;
  descriptor->element_size = spec.element_size;
  // No lock: nobody else knows of the block before its handle exists.
  descriptor->users.store(uint64_t{1} << segment->slot);
  open_object(segment, room.block);
  *place = {room.segment, room.block, descriptor->generation.load(), offset, offset + data_start(spec), {}};
  return {};
}

void arena_join(Segment* segment) {
  segment->open_here.resize(arena_shape(segment->size()).count);
}

Status arena_open(uint32_t number, uint64_t offset, uint32_t generation, Place* place) {
  Segment* segment = registry_at(number);
  const ArenaShape shape = arena_shape(segment->size());
  if (offset < shape.blocks_offset || (offset - shape.blocks_offset) % UNIT != 0 || (offset - shape.blocks_offset) / UNIT >= shape.count) {
    return Status::mismatch("offset " + std::to_string(offset) + " is no object's place in a segment of " +
                            std::to_string(segment->size()) + " bytes");
  }
  const auto block = static_cast<uint32_t>((offset - shape.blocks_offset) / UNIT);
  BlockDescriptor* descriptor = arena_descriptor(segment, block);
  ShortLock lock(&slot_table(segment)->mutex);
  // In our own arena, what we have closed lives on only with others that live. (In another's arena a dead creator's bit counts: its child
  // may be about to open what it inherited.)
  if (segment->created_here && segment->open_here[block] == 0 && descriptor->users.load() != 0) sweep_dead(segment);
  const uint64_t users = descriptor->users.load();
  if (users == 0 || descriptor->generation.load() != generation) {
    return Status::stale("the object at offset " + std::to_string(offset) + " was closed by everyone who used it");
  }
  BlockContent content;
  if (!arena_content(segment, block, &content)) {
    return Status::mismatch("the descriptor at offset " + std::to_string(offset) + " is damaged");
  }
  if (content.lock_kind != LOCK_NONE && !mutex_sound(reinterpret_cast<pthread_mutex_t*>(segment->base() + offset))) {
    return Status::mismatch("the lock at offset " + std::to_string(offset) + " is damaged");
  }
  descriptor->users.store(users | uint64_t{1} << segment->slot);
  open_object(segment, block);
  *place = {number, block, generation, offset, offset + content.data_offset, content};
  return {};
}

void arena_drop(uint32_t number, uint32_t block) {
  Segment* segment = registry_at(number);
  ShortLock lock(&slot_table(segment)->mutex);
  BlockDescriptor* descriptor = arena_descriptor(segment, block);
  BlockContent content;
  if (arena_content(segment, block, &content)) {
    give_back(segment, content.object_kind, block_offset(segment, block) + content.data_offset, segment->slot, false);
  }
  if (segment->slot != USER_OVERFLOW) descriptor->users.fetch_and(~(uint64_t{1} << segment->slot));
  if (!segment->created_here) return;
  if (descriptor->users.load() == 0) {
    free_block(segment, number, block);
  } else if (segment->states[block] == Segment::BlockState::used) {
    segment->states[block] = Segment::BlockState::limbo;
    pool().limbo.push_back({number, block});
  }
}

}  // namespace sharedctypes
