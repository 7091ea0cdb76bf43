#include "event.h"

namespace sharedctypes {

Event event_at(const Segment* segment, uint64_t offset) {
  auto* body = reinterpret_cast<EventBody*>(segment->base() + offset);
  return {body, {segment, offset, &body->parked}};
}

void event_set(const Event& event) {
  uint32_t word = event.body->word.load();
  while (!event_is_set(word) && !event.body->word.compare_exchange_weak(word, word + 3)) {  // the count, and the bit
  }
  // Also where it was set before: whoever did that may have died before it woke anybody.
  if (event.body->parked.load() != 0) unpark(event.key, ALL);
}

void event_clear(const Event& event) {
  event.body->word.fetch_and(~uint32_t{1});
}

}  // namespace sharedctypes
