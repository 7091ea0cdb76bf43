#include "event.h"

namespace sharedctypes {

Event event_at(const Segment* segment, uint64_t offset) {
  auto* body = reinterpret_cast<EventBody*>(segment->base() + offset);
  return {body, {segment, offset, &body->parked}};
}

void event_wake(const Event& event) {
  Wakes wakes;
  const LotLock lock(event.key.segment);
  event.body->sets.fetch_add(1);  // first: a waiter that finds no grant because we died still sees that there was a set()
  unpark_locked(event.key, ALL, &wakes);
}

}  // namespace sharedctypes
