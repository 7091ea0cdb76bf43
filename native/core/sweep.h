// Giving back what stands under a slot whose process is dead or leaves.
#ifndef SHAREDCTYPES_CORE_SWEEP_H
#define SHAREDCTYPES_CORE_SWEEP_H

#include "segment.h"

namespace sharedctypes {

// The permits or reads of one object, whose data lies at this offset. `died`: the process was killed; else it closes the object.
void give_back(const Segment* segment, uint32_t object_kind, uint64_t data_offset, uint32_t slot, bool died);

// Objects it had open in an arena, permits and reads it held, its places in queues. Killed in between: can be done again.
void sweep_slot(Segment* segment, uint32_t slot);

}  // namespace sharedctypes

#endif
