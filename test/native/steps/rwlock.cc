// A process killed at each instruction of reading and writing: the next reader and the next writer get in, and the numbers are exact.
#include <unistd.h>

#include "../support/processes.h"
#include "../support/stepper.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

struct Both {
  std::unique_ptr<Segment> segment, mine;
  void make() { segment = make_rwlock(); }
  void open() { mine = open_and_join(segment.get()); }

  // With as many reads of the test's own going on.
  void check_free(uint32_t reads) {
    const RwLock lock = rwlock_of(segment.get());
    if (!try_reading(segment.get())) fail(__FILE__, __LINE__, "a reader is kept out");
    rwlock_tend(lock);
    CHECK_EQUAL(rwlock_value(lock), reads + 1);
    CHECK_EQUAL(ledger_held_by_all(lock.at), reads + 1);
    for (uint32_t i = 0; i < reads + 1; ++i) end_reading(segment.get());
    begin_writing(segment.get());
    CHECK_EQUAL(rwlock_value(lock), RW_INSIDE);
    CHECK(!read_try(lock.at, 0, false));
    end_writing(segment.get());
    CHECK_EQUAL(rwlock_value(lock), 0);
    park_tend(lock.writer);
    park_tend(lock.readers);
    CHECK_EQUAL(records_in_use(segment.get()), 0);
  }
};

}  // namespace

TEST("steps: reading") {
  Both both;
  const auto open = [&] { both.open(); };
  kill_at_each_instruction("alone", {[&] { both.make(); }, open,
                                     [&] {
                                       begin_reading(both.mine.get());
                                       end_reading(both.mine.get());
                                     },
                                     [&] { both.check_free(0); }});
  kill_at_each_instruction("beside others", {[&] {
                                               both.make();
                                               for (int i = 0; i < 5; ++i) begin_reading(both.segment.get());
                                             },
                                             open,
                                             [&] {
                                               begin_reading(both.mine.get());
                                               end_reading(both.mine.get());
                                             },
                                             [&] { both.check_free(5); }});
  // The test has the mutex and waits for the victim to leave.
  uint32_t record = NO_RECORD;
  kill_at_each_instruction("while a writer waits", {[&] {
                                                      both.make();
                                                      const RwLock lock = rwlock_of(both.segment.get());
                                                      // The writer's bit is set before the victim is there: as if it had come between its
                                                      // two steps.
                                                      lock.at.word->fetch_or(RW_WAITS);
                                                      record = NO_RECORD;
                                                      CHECK(park(lock.writer, nullptr, 0, &record) == Parked::waiting);
                                                    },
                                                    [&] {
                                                      both.open();
                                                      CHECK(read_try(rwlock_of(both.mine.get()).at, both.mine->slot, true));
                                                    },
                                                    [&] { end_reading(both.mine.get()); },
                                                    [&] {
                                                      const RwLock lock = rwlock_of(both.segment.get());
                                                      rwlock_tend(lock);
                                                      CHECK_EQUAL(rwlock_value(lock), RW_WAITS);
                                                      CHECK(write_enter(lock, true));
                                                      bool freed;
                                                      park_leave(lock.writer, record, &freed);
                                                      write_leave(lock);
                                                      both.check_free(0);
                                                    }});
}

TEST("steps: writing") {
  Both both;
  const auto open = [&] { both.open(); };
  const auto write = [&] {
    begin_writing(both.mine.get());
    end_writing(both.mine.get());
  };
  kill_at_each_instruction("alone", {[&] { both.make(); }, open, write, [&] { both.check_free(0); }});
  uint32_t record = NO_RECORD;
  kill_at_each_instruction("while readers wait",
                           {[&] {
                              both.make();
                              record = NO_RECORD;
                              CHECK(park(rwlock_of(both.segment.get()).readers, nullptr, 0, &record) == Parked::waiting);
                            },
                            open, write,
                            [&] {
                              bool freed;
                              park_leave(rwlock_of(both.segment.get()).readers, record, &freed);
                              both.check_free(0);
                            }});
  kill_at_each_instruction("giving up because of readers", {[&] {
                                                              both.make();
                                                              begin_reading(both.segment.get());
                                                            },
                                                            open,
                                                            [&] {
                                                              LockWord* lock = mutex_of(both.mine.get());
                                                              CHECK_EQUAL(pthread_mutex_lock(&lock->mutex), 0);
                                                              CHECK(!write_enter(rwlock_of(both.mine.get()), true));
                                                              end_writing(both.mine.get());
                                                            },
                                                            [&] { both.check_free(1); }});
}

TEST("steps: mending after a dead writer") {
  Both both;
  auto* inside = shared_memory<std::atomic<uint64_t>>();
  const auto dead_writer = [&] {
    both.make();
    inside->store(0);
    const pid_t pid = start([&] {
      both.open();
      begin_writing(both.mine.get());
      inside->store(1);
      for (;;) pause();
    });
    until_reaches(*inside, 1);
    kill_process(pid);
    CHECK_EQUAL(rwlock_value(rwlock_of(both.segment.get())), RW_INSIDE);
  };
  kill_at_each_instruction("as a reader", {dead_writer, [&] { both.open(); },
                                           [&] {
                                             CHECK(try_reading(both.mine.get()));
                                             end_reading(both.mine.get());
                                           },
                                           [&] { both.check_free(0); }});
  kill_at_each_instruction("as a writer", {dead_writer, [&] { both.open(); },
                                           [&] {
                                             begin_writing(both.mine.get());
                                             end_writing(both.mine.get());
                                           },
                                           [&] { both.check_free(0); }});
}

TEST("steps: ending the reads of the dead") {
  Both both;
  auto* inside = shared_memory<std::atomic<uint64_t>>();
  kill_at_each_instruction("", {[&] {
                                  both.make();
                                  inside->store(0);
                                  const pid_t pid = start([&] {
                                    both.open();
                                    for (int i = 0; i < 6; ++i) begin_reading(both.mine.get());
                                    inside->store(1);
                                    for (;;) pause();
                                  });
                                  until_reaches(*inside, 1);
                                  kill_process(pid);
                                },
                                [&] { both.open(); }, [&] { rwlock_tend(rwlock_of(both.mine.get())); }, [&] { both.check_free(0); }});
}
