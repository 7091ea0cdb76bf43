#include "sweep.h"

#include "arena.h"
#include "barrier.h"
#include "parking.h"
#include "rwlock.h"
#include "semaphore.h"

namespace sharedctypes {

void give_back(const Segment* segment, uint32_t object_kind, uint64_t data_offset, uint32_t slot, bool died) {
  if (slot == USER_OVERFLOW) return;  // shared by many: whose they are can't be told
  if (object_kind == OBJECT_SEMAPHORE || object_kind == OBJECT_BOUNDED_SEMAPHORE)
    semaphore_give_back(semaphore_at(segment, data_offset), slot);
  if (object_kind == OBJECT_RWLOCK) rwlock_give_back(rwlock_at(segment, data_offset), slot);
  if (object_kind == OBJECT_BARRIER && died) barrier_member_died(barrier_at(segment, data_offset), slot);
  if (object_kind == OBJECT_BARRIER && !died) barrier_resign(barrier_at(segment, data_offset), slot);
}

void sweep_slot(Segment* segment, uint32_t slot) {
  const bool died = slot != segment->slot;
  if (segment->is_arena()) {
    const ArenaShape shape = arena_shape(segment->size());
    for (uint32_t block = 0; block < shape.count; ++block) {
      BlockDescriptor* descriptor = arena_descriptor(segment, block);
      const uint64_t bit = uint64_t{1} << slot;
      if (!(descriptor->users.load() & bit)) continue;
      BlockContent content;
      if (arena_content(segment, block, &content)) {
        give_back(segment, content.object_kind, shape.blocks_offset + block * UNIT + content.data_offset, slot, died);
      }
      descriptor->users.fetch_and(~bit);
    }
  } else {
    give_back(segment, segment->header()->object_kind, segment->header()->data_offset, slot, died);
  }
  park_sweep(segment, slot);
}

}  // namespace sharedctypes
