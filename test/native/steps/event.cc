// A process killed at each instruction of setting an event: all who waited are woken, or, if it had not come that far, none.
#include "../support/processes.h"
#include "../support/stepper.h"
#include "../support/usage.h"

using namespace native_test;

TEST("steps: setting an event") {
  std::unique_ptr<Segment> segment, mine;
  uint32_t records[3];
  kill_at_each_instruction("", {[&] {
                                  segment = make_event();
                                  for (uint32_t& record : records) {
                                    record = NO_RECORD;
                                    CHECK(park(event_of(segment.get()).key, nullptr, 0, &record) == Parked::waiting);
                                  }
                                },
                                [&] { mine = open_and_join(segment.get()); }, [&] { event_set(event_of(mine.get())); },
                                [&] {
                                  const Event event = event_of(segment.get());
                                  park_tend(event.key);
                                  uint32_t granted = 0;
                                  for (const uint32_t record : records) granted += park_granted(segment.get(), record);
                                  CHECK(granted == 0 || granted == 3);
                                  if (granted > 0) CHECK(event_since(event, 0));
                                  event_set(event);  // others go on
                                  for (const uint32_t record : records) {
                                    bool freed;
                                    CHECK(park_leave(event.key, record, &freed));
                                  }
                                  CHECK_EQUAL(records_in_use(segment.get()), 0);
                                  CHECK_EQUAL(event.body->parked.load(), 0);
                                }});
}
