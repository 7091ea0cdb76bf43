// A process killed at each instruction of joining, using and leaving a segment: nothing of it is left, and nothing of others is gone.
#include <unistd.h>

#include "../../../native/core/arena.h"
#include "../../../native/core/mutex.h"
#include "../../../native/core/registry.h"
#include "../../../native/core/slots.h"
#include "../support/processes.h"
#include "../support/stepper.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

constexpr uint32_t PERMITS = 20;

struct Both {
  std::unique_ptr<Segment> segment, mine;

  // One more process's view, in the test: with a description of its own, and so with a slot of its own.
  void check_newcomer() {
    std::unique_ptr<Segment> newcomer;
    CHECK(open_remote(getpid(), segment->fd(), segment->inode(), &newcomer).ok());
    join_slots(newcomer.get());
    const Semaphore semaphore = semaphore_of(newcomer.get());
    CHECK(newcomer->slot != USER_OVERFLOW && newcomer->slot != segment->slot);
    CHECK_EQUAL(ledger_held(semaphore.at, newcomer->slot), 0);
    semaphore_tend(semaphore);
    park_tend(key_of(newcomer.get(), 8));
    CHECK_EQUAL(Fields::value(semaphore.at.word->load()), PERMITS);
    CHECK_EQUAL(ledger_held_by_all(semaphore.at), 0);
    CHECK_EQUAL(records_in_use(newcomer.get()), 0);
    leave_slots(newcomer.get());
  }
};

}  // namespace

TEST("steps: joining and leaving a segment") {
  Both both;
  const auto check = [&] { both.check_newcomer(); };
  kill_at_each_instruction("taking a free slot",
                           {[&] { both.segment = make_semaphore(PERMITS); }, [&] { both.mine = open_anew(both.segment.get()); },
                            [&] { join_slots(both.mine.get()); }, check});
  auto* ready = shared_memory<std::atomic<uint64_t>>();
  // A dead one held two permits and stood in line; all other slots are of dead ones too.
  const auto all_dead = [&] {
    both.segment = make_semaphore(PERMITS);
    ready->store(0);
    const pid_t pid = start([&] {
      both.mine = open_and_join(both.segment.get());
      for (int i = 0; i < 2; ++i) take_permit(semaphore_of(both.mine.get()));
      uint32_t record = NO_RECORD;
      CHECK(park(key_of(both.mine.get(), 8), nullptr, 0, &record) == Parked::waiting);
      ready->store(1);
      for (;;) pause();
    });
    until_reaches(*ready, 1);
    kill_process(pid);
    exhaust_slots(both.segment.get());
  };
  kill_at_each_instruction("taking over a dead one's",
                           {all_dead, [&] { both.mine = open_anew(both.segment.get()); }, [&] { join_slots(both.mine.get()); }, check});
  kill_at_each_instruction("leaving", {[&] { both.segment = make_semaphore(PERMITS); },
                                       [&] {
                                         both.mine = open_and_join(both.segment.get());
                                         for (int i = 0; i < 5; ++i) take_permit(semaphore_of(both.mine.get()));
                                         uint32_t record = NO_RECORD;
                                         CHECK(park(key_of(both.mine.get(), 8), nullptr, 0, &record) == Parked::waiting);
                                       },
                                       [&] { leave_slots(both.mine.get()); }, check});
}

TEST("steps: opening and closing an object of an arena") {
  std::lock_guard<std::mutex> guard(registry_mutex());
  ObjectSpec spec;
  spec.object_kind = OBJECT_SEMAPHORE;
  spec.length = sizeof(Ledger);
  spec.element_size = 1;
  Place place;
  uint32_t number = 0;
  Place opened;
  const auto create = [&] {
    CHECK(arena_create(spec, &place).ok());
    semaphore_init(semaphore_at(registry_at(place.segment), place.data_offset), 3, SEMAPHORE_MOST);
  };
  const auto join = [&] { number = registry_add(open_and_join(registry_at(place.segment))); };
  const auto open = [&] { CHECK(arena_open(number, place.offset, place.generation, &opened).ok()); };
  // Closed by the last that live, it is gone, and its handle is stale.
  const auto gone = [&] {
    const Segment* arena = registry_at(place.segment);
    const Semaphore semaphore = semaphore_at(arena, place.data_offset);
    semaphore_tend(semaphore);
    CHECK_EQUAL(Fields::value(semaphore.at.word->load()), 3);
    close_object(place.segment, place.block);
    Place again;
    CHECK(arena_open(place.segment, place.offset, place.generation, &again).problem == Problem::stale);
    CHECK(arena_descriptor(arena, place.block)->users.load() == 0);
  };
  kill_at_each_instruction("opening", {create, join, open, gone});
  kill_at_each_instruction("closing",
                           {create,
                            [&] {
                              join();
                              open();
                              CHECK(semaphore_try(semaphore_at(registry_at(number), opened.data_offset).at, registry_at(number)->slot));
                            },
                            [&] { close_object(number, opened.block); }, gone});
}

// Somebody looks after the dead and is stopped at any instruction; meanwhile a new process takes over the dead one's slot and takes a
// permit itself. The one that goes on must not give that back.
TEST("steps: a slot taken over while another gives back what its owner held") {
  std::unique_ptr<Segment> segment, mine;
  auto* ready = shared_memory<std::atomic<uint64_t>>();
  uint32_t dead_slot = 0, meant = 0, overtaken = 0;
  std::unique_ptr<Segment> newcomer;
  for (const bool reads : {false, true}) {
    const auto hold = [&](const Segment* by) {
      if (reads) begin_reading(by);
      else take_permit(semaphore_of(by));
    };
    const auto held = [&] {
      return reads ? ledger_held(rwlock_of(segment.get()).at, dead_slot) : ledger_held(semaphore_of(segment.get()).at, dead_slot);
    };
    stop_at_each_instruction(
        reads ? "reads" : "permits",
        {[&] {
           newcomer.reset();
           segment = reads ? make_rwlock() : make_semaphore(PERMITS);
           ready->store(0);
           const pid_t pid = start([&] {
             mine = open_and_join(segment.get());
             hold(mine.get());
             ready->store(mine->slot);
             for (;;) pause();
           });
           until_reaches(*ready, 1);
           kill_process(pid);
           dead_slot = static_cast<uint32_t>(ready->load());
         },
         [&] {
           mine = open_and_join(segment.get());
           exhaust_slots(segment.get());
         },
         [&] {
           if (reads) rwlock_tend(rwlock_of(mine.get()));
           else semaphore_tend(semaphore_of(mine.get()));
         },
         [&] {
           if (newcomer != nullptr) CHECK_EQUAL(held(), 1);
         }},
        [&] {
          ++meant;
          // Stopped holding one of the mutexes, it keeps the newcomer out: nothing to see.
          if (mutex_owner_tid(&slot_table(segment.get())->mutex) != 0 || mutex_owner_tid(&parking_lot(segment.get())->mutex) != 0) return;
          CHECK(open_remote(getpid(), segment->fd(), segment->inode(), &newcomer).ok());
          join_slots(newcomer.get());
          if (newcomer->slot == dead_slot) {
            ++overtaken;
            hold(newcomer.get());
          } else {
            newcomer.reset();
          }
        });
  }
  CHECK(overtaken * 4 > meant);
  note("%u slots taken over", overtaken);
}
