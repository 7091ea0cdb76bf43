// A process killed at each instruction of what it does with a semaphore. No permit is lost, none is made.
#include <unistd.h>

#include "../support/processes.h"
#include "../support/stepper.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

// The segment as the test and as the victim has it.
struct Both {
  std::unique_ptr<Segment> segment, mine;
  Semaphore ours() const { return semaphore_of(segment.get()); }
  Semaphore victims() const { return semaphore_of(mine.get()); }
  void open() { mine = open_and_join(segment.get()); }
};

// `total` permits are there, `held` of them with the test, and all others can be taken.
void check_permits(const Semaphore& semaphore, uint32_t total, uint32_t held) {
  const uint32_t slot = semaphore.key.segment->slot;
  semaphore_tend(semaphore);
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), total - held);
  CHECK_EQUAL(ledger_held(semaphore.at, slot), held);
  CHECK_EQUAL(ledger_held_by_all(semaphore.at), held);
  for (uint32_t i = held; i < total; ++i) CHECK(semaphore_try(semaphore.at, slot));
  CHECK(!semaphore_try(semaphore.at, slot));
  CHECK(semaphore_release(semaphore, slot, total));
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), total);
}

}  // namespace

TEST("steps: taking a permit") {
  Both both;
  const auto take = [&] { CHECK(semaphore_try(both.victims().at, both.mine->slot)); };
  kill_at_each_instruction("nothing pending", {[&] { both.segment = make_semaphore(3); }, [&] { both.open(); }, take,
                                               [&] { check_permits(both.ours(), 3, 0); }});
  // The test's change is pending in the word, and has to be entered first.
  kill_at_each_instruction("another's change pending", {[&] {
                                                          both.segment = make_semaphore(5);
                                                          for (int i = 0; i < 2; ++i) CHECK(semaphore_try(both.ours().at, 0));
                                                        },
                                                        [&] { both.open(); }, take, [&] { check_permits(both.ours(), 5, 2); }});
  // So many of its own are that no more fit.
  kill_at_each_instruction("own changes pending", {[&] { both.segment = make_semaphore(8); },
                                                   [&] {
                                                     both.open();
                                                     for (int i = 0; i < Fields::MOST; ++i) take();
                                                   },
                                                   take, [&] { check_permits(both.ours(), 8, 0); }});
  kill_at_each_instruction("none there", {[&] {
                                            both.segment = make_semaphore(2);
                                            for (int i = 0; i < 2; ++i) CHECK(semaphore_try(both.ours().at, 0));
                                          },
                                          [&] { both.open(); }, [&] { CHECK(!semaphore_try(both.victims().at, both.mine->slot)); },
                                          [&] { check_permits(both.ours(), 2, 2); }});
}

TEST("steps: waiting for a permit") {
  Both both;
  uint32_t record = NO_RECORD;
  // The test waits too, so the victim gets in line behind it at once.
  kill_at_each_instruction("", {[&] {
                                  both.segment = make_semaphore(1);
                                  CHECK(semaphore_try(both.ours().at, 0));
                                  record = NO_RECORD;
                                  CHECK(park(both.ours().key, nullptr, 0, &record) == Parked::waiting);
                                },
                                [&] { both.open(); },
                                [&] {
                                  uint32_t own = NO_RECORD;
                                  CHECK(semaphore_wait(both.victims(), 0, &own) == Waited::time_up);
                                  semaphore_leave(both.victims(), own);
                                },
                                [&] {
                                  semaphore_leave(both.ours(), record);
                                  check_permits(both.ours(), 1, 1);
                                  CHECK_EQUAL(both.ours().at.ledger->parked.load(), 0);
                                  CHECK_EQUAL(records_in_use(both.segment.get()), 0);
                                }});
}

TEST("steps: releasing a permit") {
  Both both;
  uint32_t record = NO_RECORD;
  const auto wait_in_line = [&] {
    record = NO_RECORD;
    CHECK(park(both.ours().key, nullptr, 0, &record) == Parked::waiting);
  };
  // Whoever waits is told, by the victim or when it looks after the dead.
  const auto told = [&] {
    semaphore_tend(both.ours());
    CHECK(Fields::value(both.ours().at.word->load()) > 0);
    CHECK(park_granted(both.segment.get(), record) > 0);
    semaphore_leave(both.ours(), record);
  };
  kill_at_each_instruction("own", {[&] { both.segment = make_semaphore(2); },
                                   [&] {
                                     both.open();
                                     take_permit(both.victims());
                                   },
                                   [&] { give_permit(both.victims()); }, [&] { check_permits(both.ours(), 2, 0); }});
  kill_at_each_instruction("own, somebody waits", {[&] {
                                                     both.segment = make_semaphore(1);
                                                     wait_in_line();
                                                   },
                                                   [&] {
                                                     both.open();
                                                     take_permit(both.victims());
                                                   },
                                                   [&] { give_permit(both.victims()); },
                                                   [&] {
                                                     told();
                                                     check_permits(both.ours(), 1, 0);
                                                   }});
  // Bounded, so what another holds is all that can be given back.
  kill_at_each_instruction("another's", {[&] {
                                           both.segment = make_semaphore(2, 2);
                                           for (int i = 0; i < 2; ++i) take_permit(both.ours());
                                         },
                                         [&] { both.open(); }, [&] { CHECK(semaphore_release(both.victims(), both.mine->slot, 1)); },
                                         [&] {
                                           const uint32_t held = ledger_held(both.ours().at, 0);
                                           CHECK(held == 1 || held == 2);
                                           check_permits(both.ours(), 2, held);
                                         }});
  kill_at_each_instruction("five new ones", {[&] { both.segment = make_semaphore(1); }, [&] { both.open(); },
                                             [&] { CHECK(semaphore_release(both.victims(), both.mine->slot, 5)); },
                                             [&] {
                                               const uint32_t value = Fields::value(both.ours().at.word->load());
                                               CHECK(value == 1 || value == 6);
                                               check_permits(both.ours(), value, 0);
                                             }});
}

TEST("steps: giving back what a dead process held") {
  Both both;
  kill_at_each_instruction("", {[&] {
                                  both.segment = make_semaphore(6);
                                  kill_process([&] {
                                    auto* taken = shared_memory<std::atomic<uint64_t>>();
                                    const pid_t pid = start([&] {
                                      both.open();
                                      for (int i = 0; i < 4; ++i) take_permit(both.victims());
                                      taken->store(1);
                                      for (;;) pause();
                                    });
                                    until_reaches(*taken, 1);
                                    munmap(taken, sizeof *taken);
                                    return pid;
                                  }());
                                },
                                [&] { both.open(); }, [&] { semaphore_tend(both.victims()); }, [&] { check_permits(both.ours(), 6, 0); }});
}
