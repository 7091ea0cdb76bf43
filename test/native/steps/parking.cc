// A process killed at each instruction of waiting and waking: what was to reach all reaches all or nobody, what a dead one had is passed
// on, and its place in line is free.
#include <unistd.h>

#include "../../../native/core/slots.h"
#include "../support/processes.h"
#include "../support/stepper.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

struct Line {
  std::unique_ptr<Segment> segment, mine;
  uint32_t records[3];
  uint32_t own = NO_RECORD;  // the victim's

  WaitKey ours() const { return key_of(segment.get()); }
  WaitKey victims() const { return key_of(mine.get()); }
  // The test stands in line with as many records.
  void make(int count) {
    segment = make_object(OBJECT_CONDITION, 64);
    for (int i = 0; i < count; ++i) {
      records[i] = NO_RECORD;
      CHECK(park(ours(), nullptr, 0, &records[i]) == Parked::waiting);
    }
  }
  void open() { mine = open_and_join(segment.get()); }
  void open_and_park() {
    open();
    own = NO_RECORD;
    CHECK(park(victims(), nullptr, 0, &own) == Parked::waiting);
  }
  uint32_t granted(int which) const { return park_granted(segment.get(), records[which]); }
  // Nothing is left but what the test has, and when it leaves, nothing.
  void check_left(int count) {
    park_tend(ours());
    CHECK_EQUAL(records_in_use(segment.get()), count);
    for (int i = 0; i < count; ++i) {
      bool freed;
      park_leave(ours(), records[i], &freed);
      CHECK(freed);
    }
    CHECK_EQUAL(records_in_use(segment.get()), 0);
  }
};

}  // namespace

TEST("steps: getting in line, and leaving it") {
  Line line;
  bool freed;
  kill_at_each_instruction("park", {[&] { line.make(1); }, [&] { line.open(); },
                                    [&] {
                                      uint32_t record = NO_RECORD;
                                      CHECK(park(line.victims(), nullptr, 0, &record) == Parked::waiting);
                                    },
                                    [&] { line.check_left(1); }});
  kill_at_each_instruction("park once more",
                           {[&] { line.make(1); }, [&] { line.open_and_park(); },
                            [&] { CHECK(park(line.victims(), nullptr, 0, &line.own) == Parked::waiting); }, [&] { line.check_left(1); }});
  kill_at_each_instruction("park_leave", {[&] { line.make(1); }, [&] { line.open_and_park(); },
                                          [&] { CHECK(!park_leave(line.victims(), line.own, &freed)); }, [&] { line.check_left(1); }});
  kill_at_each_instruction("park_take",
                           {[&] { line.make(0); },
                            [&] {
                              line.open_and_park();
                              CHECK_EQUAL(unpark(line.victims(), 1), 1);
                            },
                            [&] { CHECK_EQUAL(park_take(line.victims(), line.own, &freed), 1); }, [&] { line.check_left(0); }});
}

TEST("steps: waking one, two, and all") {
  Line line;
  kill_at_each_instruction("one", {[&] { line.make(3); }, [&] { line.open(); }, [&] { CHECK_EQUAL(unpark(line.victims(), 1), 1); },
                                   [&] {
                                     park_tend(line.ours());
                                     CHECK(line.granted(0) <= 1 && line.granted(1) == 0 && line.granted(2) == 0);
                                     const uint32_t before = line.granted(0);
                                     CHECK_EQUAL(unpark(line.ours(), ALL), 3 - before);  // others go on
                                     line.check_left(3);
                                   }});
  kill_at_each_instruction("two", {[&] { line.make(3); }, [&] { line.open(); }, [&] { CHECK_EQUAL(unpark(line.victims(), 2), 2); },
                                   [&] {
                                     park_tend(line.ours());
                                     CHECK(line.granted(0) <= 1 && line.granted(1) <= line.granted(0) && line.granted(2) == 0);
                                     const uint32_t before = line.granted(0) + line.granted(1);
                                     CHECK_EQUAL(unpark(line.ours(), ALL), 3 - before);
                                     line.check_left(3);
                                   }});
  kill_at_each_instruction("all", {[&] { line.make(3); }, [&] { line.open(); }, [&] { CHECK_EQUAL(unpark(line.victims(), ALL), 3); },
                                   [&] {
                                     park_tend(line.ours());
                                     CHECK(line.granted(0) <= 1);
                                     CHECK(line.granted(1) == line.granted(0) && line.granted(2) == line.granted(0));
                                     line.check_left(3);
                                   }});
}

// One wake-up was given, to one who dies, and is passed on by one who dies: the test, next in line, gets it. Twice is possible, never is
// not.
TEST("steps: passing on a wake-up") {
  Line line;
  const auto passed_on = [&] {
    park_tend(line.ours());
    if (line.granted(0) == 0) fail(__FILE__, __LINE__, "a wake-up was lost");
    line.check_left(1);
  };
  const auto stand_behind = [&] {  // the test behind the victim
    line.records[0] = NO_RECORD;
    CHECK(park(line.ours(), nullptr, 0, &line.records[0]) == Parked::waiting);
  };
  // In the victim: it stands first, and the test, for which the victim signs here, second.
  const auto first_and_granted = [&] {
    line.open();
    line.own = NO_RECORD;
    CHECK(park(line.victims(), nullptr, 0, &line.own) == Parked::waiting);
    WaitRecord* records = wait_records(line.mine.get());
    records[line.own].ticket.store(0);
    CHECK_EQUAL(unpark(line.victims(), 1), 1);
    CHECK_EQUAL(park_granted(line.mine.get(), line.own), 1);
  };
  const auto set_up = [&] {
    line.make(0);
    parking_lot(line.segment.get())->next_ticket.store(1);
    stand_behind();
  };
  kill_at_each_instruction("by one who leaves", {set_up, first_and_granted, [&] { park_abandon(line.victims(), line.own); }, passed_on});
  // Somebody died before; the victim looks after it.
  const auto dead_one = [&] {
    set_up();
    auto* done = shared_memory<std::atomic<uint64_t>>();
    const pid_t pid = start([&] {
      first_and_granted();
      done->store(1);
      for (;;) pause();
    });
    until_reaches(*done, 1);
    kill_process(pid);
    munmap(done, sizeof *done);
  };
  kill_at_each_instruction("by one who looks after the dead",
                           {dead_one, [&] { line.open(); }, [&] { park_tend(line.victims()); }, passed_on});
  // All slots are used, so who joins sweeps.
  kill_at_each_instruction("by one who takes over the slot",
                           {[&] {
                              dead_one();
                              exhaust_slots(line.segment.get());
                            },
                            [&] { line.mine = open_anew(line.segment.get()); }, [&] { join_slots(line.mine.get()); }, passed_on});
}
