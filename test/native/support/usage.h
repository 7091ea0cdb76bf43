// The primitives used as lib/sync uses them: tries, then waits in slices and looks after the dead in between.
#ifndef SHAREDCTYPES_TEST_USAGE_H
#define SHAREDCTYPES_TEST_USAGE_H

#include "objects.h"

namespace native_test {

// lib/sync/semaphore.ts
void take_permit(const Semaphore& semaphore);
void give_permit(const Semaphore& semaphore);

// lib/sync/parking.ts: sleepInLine, without a limit. `occurred`: what else ends the wait.
template <typename Occurred>
void sleep_in_line(const WaitKey& key, uint32_t record, Occurred occurred) {
  bool freed;
  for (;;) {
    park_sleep(key.segment, record, SLICE, nullptr);
    if (park_granted(key.segment, record) > 0 || occurred()) break;
    park_tend(key);
  }
  park_leave(key, record, &freed);
}
inline void sleep_in_line(const WaitKey& key, uint32_t record) {
  sleep_in_line(key, record, [] { return false; });
}

// lib/sync/event.ts
void wait_for_event(const Event& event);

// lib/sync/barrier.ts. `action` is run where this party is to.
Arrival meet(const Barrier& barrier, bool can_act, void (*action)() = nullptr);

// lib/sync/read-half.ts and write-half.ts, policy 'recover'.
bool try_reading(const Segment* segment);
void begin_reading(const Segment* segment);
void end_reading(const Segment* segment);
void begin_writing(const Segment* segment);
void end_writing(const Segment* segment);

}  // namespace native_test

#endif
