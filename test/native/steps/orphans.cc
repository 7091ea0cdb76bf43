// A process killed, or stopped, at each instruction of making a raw block, of using it and of sweeping: nothing auto-named of the dead
// stays, and what is in use is left alone.
#include "../../../native/core/orphans.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../../native/core/leases.h"
#include "../../../native/core/shm_file.h"
#include "../support/processes.h"
#include "../support/raw.h"
#include "../support/stepper.h"

using namespace native_test;

namespace {

std::vector<std::string> sweep(bool wait = true) {
  Sweep found;
  CHECK(sweep_orphans(wait, &found).ok());
  CHECK(found.failed.empty());
  return found.removed;
}

// What malloc finds differs from run to run of the test. From here on all victims find the same, and go the same way.
void settle_heap() {
  constexpr size_t CLASSES = 64, CLASS = 16, CACHED = 7, LEFT = 4;
  for (size_t i = 1; i < CLASSES; ++i) {
    void* got[CACHED + LEFT];
    for (void*& each : got) each = malloc(i * CLASS);
    for (size_t k = 0; k < LEFT; ++k) free(got[k]);
  }
}

// For victims that hold a lease: the signal that says that somebody wants the file is no surprise.
void prepare_sweeper() {
  settle_heap();
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGURG);
  CHECK_EQUAL(sigprocmask(SIG_BLOCK, &signals, nullptr), 0);
}

// What a victim tells of itself.
struct Told {
  char name[32];  // of the block that it is making
  std::atomic<uint32_t> outcome;

  void tell(const std::string& text) { memcpy(name, text.c_str(), text.size() + 1); }
  bool is_there() const { return name[0] != 0 && native_test::is_there(name); }
};

}  // namespace

TEST("steps: making a raw block") {
  own_shm();
  const Bystanders bystanders;
  auto* told = shared_memory<Told>();
  std::unique_ptr<RawBlock> block;
  const auto make = [&](bool automatic) {
    return [&, automatic] {
      CHECK(raw_create(RAW_SIZE, &block).ok());
      memset(block->mapping->base, RAW_BYTE, RAW_SIZE);
      told->tell(automatic ? automatic_name(block->inode, 0) : "mine");
      CHECK(raw_publish(block.get(), told->name).ok());
      told->outcome.store(1);
    };
  };
  const auto begin = [&] {
    told->tell("");
    told->outcome.store(0);
  };
  // Never half made: who finds the name finds the whole block.
  uint32_t found = 0;
  const auto look = [&] {
    if (!told->is_there()) return;
    ++found;
    std::unique_ptr<RawBlock> seen;
    CHECK(raw_open(told->name, &seen).ok());
    check_whole(*seen, told->name);
  };
  const auto nothing_left = [&] {
    sweep();
    CHECK_EQUAL(raw_names().size(), BYSTANDERS);
    bystanders.check();
  };
  kill_at_each_instruction("auto-named", {begin, settle_heap, make(true), [&] {
                                            look();
                                            nothing_left();
                                          }});
  CHECK(found > 0);
  kill_at_each_instruction("user-named", {begin, settle_heap, make(false), [&] {
                                            const bool was_there = told->is_there();
                                            look();
                                            sweep();
                                            CHECK_EQUAL(told->is_there(), was_there);
                                            unlink(shm_path("mine").c_str());
                                          }});
  // A sweep while it is being made takes nothing away from its maker.
  stop_at_each_instruction("swept meanwhile",
                           {begin, settle_heap, make(true),
                            [&] {
                              CHECK_EQUAL(told->is_there(), told->outcome.load());
                              nothing_left();
                            }},
                           [&] { sweep(); });
}

TEST("steps: closing a raw block") {
  own_shm();
  auto* told = shared_memory<Told>();
  uint32_t number = 0;
  const auto make = [&] {
    std::lock_guard<std::mutex> guard(raw_blocks_mutex());
    Named made = make_automatic();
    told->tell(made.name);
    number = raw_add(std::move(made.block));
    settle_heap();
  };
  const auto release = [&] {
    std::lock_guard<std::mutex> guard(raw_blocks_mutex());
    raw_release(number, true);
  };
  // Once in the test, so that the linker has looked up all that it looks up when it is first called.
  make();
  release();
  unlink(shm_path(told->name).c_str());
  leases_tend();
  kill_at_each_instruction("killed", {[] {}, make, release,
                                      [&] {
                                        CHECK(told->is_there());
                                        sweep();
                                        CHECK(!told->is_there());
                                      }});
  // Its maker lives: the name may be on its way to somebody.
  stop_at_each_instruction("swept meanwhile",
                           {[] {}, make, release,
                            [&] {
                              CHECK(told->is_there());
                              sweep();
                            }},
                           [&] {
                             sweep();
                             CHECK(told->is_there());
                           });
}

TEST("steps: a sweep") {
  own_shm();
  const Bystanders bystanders;
  std::string one, other;
  bool both = false;  // another swept too, and both have ended
  const auto orphans = [&] {
    both = false;
    one = make_orphan(), other = make_orphan();
  };
  const auto nothing_left = [&] {
    CHECK_EQUAL(raw_names().size(), BYSTANDERS);
    bystanders.check();
  };
  const auto in_passing = [&] { sweep(false); };
  kill_at_each_instruction("killed", {orphans, prepare_sweeper, in_passing, [&] {
                                        bystanders.check();
                                        sweep();
                                        nothing_left();
                                      }});
  // Two at once: together they do all that there is to do, and neither takes the other for a user.
  uint32_t gave_way = 0;
  stop_at_each_instruction("beside another",
                           {orphans, prepare_sweeper, in_passing,
                            [&] {
                              if (!both) sweep();
                              nothing_left();
                            }},
                           [&] {
                             both = true;
                             gave_way += sweep(false).empty() && is_there(one) && is_there(other) ? 1 : 0;
                           });
  CHECK(gave_way > 0);
}

// Who attaches has it, or it is not there any more.
TEST("steps: a sweep and somebody who attaches") {
  own_shm();
  std::string name;
  std::unique_ptr<RawBlock> mine;
  bool missing = false;
  uint32_t attached = 0, count = 0;
  const auto orphan = [&] {
    mine.reset();
    missing = false;
    name = make_orphan();
  };
  const auto attach = [&] {
    const Status status = raw_open(name, &mine);
    missing = !status.ok();
    if (missing) CHECK_EQUAL(status.error, ENOENT);
    ++count;
    attached += missing ? 0 : 1;
  };
  stop_at_each_instruction("attached meanwhile",
                           {orphan, prepare_sweeper, [] { sweep(false); },
                            [&] {
                              if (mine) check_whole(*mine, name);
                              else if (missing) CHECK(!is_there(name));
                              mine.reset();
                              sweep();
                              CHECK(!is_there(name));
                            }},
                           // A creator goes on too, whatever the sweeper has locked.
                           [&] {
                             attach();
                             const Named made = make_automatic();
                             sweep(false);
                             check_whole(made);
                             unlink(shm_path(made.name).c_str());
                           });
  CHECK(attached > 0 && attached < count);
  note("%u of %u attached", attached, count);

  enum { nothing, whole, nameless, refused };
  auto* told = shared_memory<Told>();
  uint32_t found = 0;
  const auto begin = [&] {
    orphan();
    told->outcome.store(nothing);
  };
  stop_at_each_instruction("swept meanwhile",
                           {begin, settle_heap,
                            [&] {
                              const bool opened = raw_open(name, &mine).ok();
                              told->outcome.store(opened ? (is_there(name) ? whole : nameless) : refused);
                            },
                            [&] {
                              CHECK(told->outcome.load() != nameless);
                              found += told->outcome.load() == whole ? 1 : 0;
                              sweep();
                              CHECK(!is_there(name));
                            }},
                           [&] { sweep(); });
  CHECK(found > 0);
}
