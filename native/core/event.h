// Events: a flag, and those who wait for it to be set.
#ifndef SHAREDCTYPES_CORE_EVENT_H
#define SHAREDCTYPES_CORE_EVENT_H

#include "parking.h"

namespace sharedctypes {

struct Event {
  EventBody* body;
  WaitKey key;
};

Event event_at(const Segment* segment, uint64_t offset);

// The rest of setting an event whose flag was just set, where somebody waits: wakes all who are in line, also if the flag is cleared
// meanwhile.
void event_wake(const Event& event);

}  // namespace sharedctypes

#endif
