// A process killed at each instruction of what it does at a barrier: nobody who waits there hangs.
#include "../support/processes.h"
#include "../support/stepper.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

// A barrier of three, at which the test stands with two parties, `can_act` with an action each.
struct Meeting {
  std::unique_ptr<Segment> segment, mine;
  uint32_t records[2];
  uint32_t own = NO_RECORD, index = 0;

  Barrier ours() const { return barrier_of(segment.get()); }
  Barrier victims() const { return barrier_of(mine.get()); }
  void make(uint32_t parties, uint32_t waiting, bool can_act) {
    segment = make_barrier(parties);
    for (uint32_t i = 0; i < 2; ++i) {
      records[i] = NO_RECORD;
      if (i < waiting) CHECK(barrier_arrive(ours(), can_act, &records[i], &index) == Arrival::waits);
    }
  }
  void open() { mine = open_and_join(segment.get()); }

  // What a waiting party does when it wakes: looks after the dead, and at what has become of it; acts, if it is to.
  Arrival look(uint32_t* record) {
    if (*record == NO_RECORD) return Arrival::released;
    barrier_tend(ours());
    if (park_granted(segment.get(), *record) == 0) return Arrival::waits;
    Arrival arrival = barrier_look(ours(), *record);
    if (arrival == Arrival::acts) arrival = barrier_release(ours(), *record) ? Arrival::released : Arrival::broken;
    if (arrival != Arrival::waits) *record = NO_RECORD;
    return arrival;
  }

  // All who wait are let go by what they see, or by one more who arrives in the victim's place: no third thing.
  void check_all_go_on() {
    Arrival first = look(&records[0]);
    Arrival second = look(&records[1]);
    if (first == Arrival::waits) first = look(&records[0]);
    if (first == Arrival::waits || second == Arrival::waits) {
      uint32_t third = NO_RECORD;
      const Arrival arrival = barrier_arrive(ours(), false, &third, &index);
      if (arrival == Arrival::waits) {  // another has the action
        first = look(&records[0]);
        second = look(&records[1]);
        if (first == Arrival::waits) first = look(&records[0]);
        CHECK(look(&third) == Arrival::released);
      } else {
        CHECK(arrival == Arrival::released);
        first = look(&records[0]);
        second = look(&records[1]);
      }
    }
    if (first == Arrival::waits || second == Arrival::waits) fail(__FILE__, __LINE__, "a party waits for ever");
    // And the next round works.
    barrier_reset(ours());
    uint32_t round[2] = {NO_RECORD, NO_RECORD}, last = NO_RECORD;
    const uint32_t parties = ours().body->parties;
    for (uint32_t i = 0; i + 1 < parties; ++i) CHECK(barrier_arrive(ours(), false, &round[i], &index) == Arrival::waits);
    CHECK(barrier_arrive(ours(), false, &last, &index) == Arrival::released);
    for (uint32_t i = 0; i + 1 < parties; ++i) CHECK(barrier_look(ours(), round[i]) == Arrival::released);
    park_tend(ours().key);
    CHECK_EQUAL(records_in_use(segment.get()), 0);
  }
  std::function<void()> all_go_on() {
    return [this] { check_all_go_on(); };
  }
};

}  // namespace

TEST("steps: arriving at a barrier") {
  Meeting meeting;
  const auto open = [&] { meeting.open(); };
  const auto arrive = [&](bool can_act) {
    meeting.own = NO_RECORD;
    barrier_arrive(meeting.victims(), can_act, &meeting.own, &meeting.index);
  };
  kill_at_each_instruction("as the second of three", {[&] { meeting.make(3, 1, false); }, open, [&] { arrive(false); },
                                                      [&] {
                                                        // The victim may be in line: then the barrier is broken.
                                                        const Arrival first = meeting.look(&meeting.records[0]);
                                                        CHECK(first == Arrival::waits || first == Arrival::broken);
                                                        if (first == Arrival::waits) barrier_leave(meeting.ours(), meeting.records[0]);
                                                        meeting.records[0] = NO_RECORD;
                                                        meeting.check_all_go_on();
                                                      }});
  kill_at_each_instruction("as the last", {[&] { meeting.make(3, 2, false); }, open, [&] { arrive(false); }, meeting.all_go_on()});
  kill_at_each_instruction("as the last, and has the action", {[&] { meeting.make(3, 2, false); }, open,
                                                               [&] {
                                                                 arrive(true);
                                                                 barrier_release(meeting.victims(), meeting.own);
                                                               },
                                                               meeting.all_go_on()});
  kill_at_each_instruction("as the last, and others have the action",
                           {[&] { meeting.make(3, 2, true); }, open, [&] { arrive(false); }, meeting.all_go_on()});
}

TEST("steps: breaking a barrier") {
  Meeting meeting;
  const auto open = [&] { meeting.open(); };
  const auto two_wait = [&] { meeting.make(3, 2, false); };
  kill_at_each_instruction("break", {two_wait, open, [&] { barrier_break(meeting.victims()); }, meeting.all_go_on()});
  kill_at_each_instruction("reset", {two_wait, open, [&] { barrier_reset(meeting.victims()); }, meeting.all_go_on()});
  kill_at_each_instruction("leave", {[&] { meeting.make(4, 2, false); },
                                     [&] {
                                       meeting.open();
                                       meeting.own = NO_RECORD;
                                       CHECK(barrier_arrive(meeting.victims(), false, &meeting.own, &meeting.index) == Arrival::waits);
                                     },
                                     [&] { barrier_leave(meeting.victims(), meeting.own); },
                                     [&] {
                                       // It waited, so its death breaks it, whatever it came to do.
                                       CHECK(meeting.look(&meeting.records[0]) == Arrival::broken);
                                       CHECK(meeting.look(&meeting.records[1]) == Arrival::broken);
                                       meeting.ours().body->parties = 3;
                                       meeting.check_all_go_on();
                                     }});
}
