// Events: a flag with a count, and those who wait for it to be set. JavaScript does the same on the word, by Atomics (lib/sync/event.ts).
#ifndef SHAREDCTYPES_CORE_EVENT_H
#define SHAREDCTYPES_CORE_EVENT_H

#include "parking.h"

namespace sharedctypes {

struct Event {
  EventBody* body;
  WaitKey key;
};

Event event_at(const Segment* segment, uint64_t offset);

inline bool event_is_set(uint32_t word) {
  return (word & 1) != 0;
}
// Whether the event was set since its word was `seen`, not set.
inline bool event_since(const Event& event, uint32_t seen) {
  return event.body->word.load() != seen;
}

void event_set(const Event& event);
void event_clear(const Event& event);

}  // namespace sharedctypes

#endif
