// Processes killed while they join, use and leave a segment: whoever takes over a slot finds nothing of its earlier owner.
#include "../../../native/core/slots.h"
#include "../../../native/core/arena.h"
#include "../../../native/core/registry.h"
#include "../support/processes.h"
#include "../support/usage.h"

using namespace native_test;

TEST("kills: those who take over the slots of the dead") {
  const uint32_t kills = kills_wanted();
  Random random;
  constexpr uint32_t PERMITS = 1000;
  const auto segment = make_semaphore(PERMITS);
  exhaust_slots(segment.get());  // everyone has to take over, and so to sweep
  struct Count {
    std::atomic<uint64_t> joined, left, overflow;
  };
  auto* count = shared_memory<Count>();
  Victims victims(4, [&](Campaign& all, int, uint64_t life) {
    Random own(life);
    auto mine = open_anew(segment.get());
    for (;;) {
      join_slots(mine.get());
      count->joined.fetch_add(1);
      if (mine->slot == USER_OVERFLOW) count->overflow.fetch_add(1);
      // Nothing may be left of the one who had it.
      const Semaphore semaphore = semaphore_of(mine.get());
      CHECK_EQUAL(ledger_held(semaphore.at, mine->slot), 0);
      for (uint32_t i = 0; i < record_limit(mine.get()); ++i) {
        const WaitRecord& record = wait_records(mine.get())[i];
        if (record.key.load() != 0 && slot_in(record.slot.load()) == mine->slot) fail(__FILE__, __LINE__, "a record of the one before");
      }
      step(&all);
      do {  // holds more and more, and waits in more and more places
        for (uint32_t i = own.below(3); i > 0; --i) take_permit(semaphore);
        uint32_t record = NO_RECORD;
        if (own.below(2) == 0) CHECK(park(key_of(mine.get(), 8), nullptr, 0, &record) == Parked::waiting);
        step(&all);
      } while (own.below(4) != 0);
      leave_slots(mine.get());
      count->left.fetch_add(1);
      mine.reset();
      mine = open_again(segment.get());
    }
  });
  victims.kill_many(kills, &random);
  victims.kill_all();
  const Semaphore semaphore = semaphore_of(segment.get());
  semaphore_tend(semaphore);
  park_tend(key_of(segment.get(), 8));
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), PERMITS);
  CHECK_EQUAL(ledger_held_by_all(semaphore.at), 0);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  CHECK_EQUAL(count->overflow.load(), 0);
  note("%u killed, %llu joined, %llu left", kills, static_cast<unsigned long long>(count->joined.load()),
       static_cast<unsigned long long>(count->left.load()));
}

// Others open and close what the creator made, and die: what it closes becomes free when nobody alive has it open.
TEST("kills: those who have objects of an arena open") {
  const uint32_t kills = kills_wanted();
  Random random;
  std::lock_guard<std::mutex> guard(registry_mutex());
  ObjectSpec spec;
  spec.object_kind = OBJECT_SEMAPHORE;
  spec.length = sizeof(Ledger);
  spec.element_size = 1;
  constexpr int OBJECTS = 8;
  Place places[OBJECTS];
  for (Place& place : places) {
    CHECK(arena_create(spec, &place).ok());
    semaphore_init(semaphore_at(registry_at(place.segment), place.data_offset), 5, SEMAPHORE_MOST);
  }
  const Segment* arena = registry_at(places[0].segment);
  Victims victims(4, [&](Campaign& all, int, uint64_t life) {
    Random own(life);
    auto opened = open_and_join(arena);
    for (;;) {
      const uint32_t number = registry_add(std::move(opened));
      const Segment* mine = registry_at(number);
      std::vector<uint32_t> blocks;
      for (uint32_t i = own.below(6) + 1; i > 0; --i) {
        const Place& wanted = places[own.below(OBJECTS)];
        Place place;
        CHECK(arena_open(number, wanted.offset, wanted.generation, &place).ok());
        blocks.push_back(place.block);
        semaphore_try(semaphore_at(mine, place.data_offset).at, mine->slot);
        step(&all);
      }
      for (const uint32_t block : blocks) close_object(number, block);
      CHECK(registry_at(number) == nullptr);  // with its last object, slot and mapping were given back
      opened = open_again(arena);
      arena_join(opened.get());
      join_slots(opened.get());
    }
  });
  victims.kill_many(kills, &random);
  victims.kill_all();
  for (const Place& place : places) {
    const Semaphore semaphore = semaphore_at(arena, place.data_offset);
    semaphore_tend(semaphore);
    CHECK_EQUAL(Fields::value(semaphore.at.word->load()), 5);
    CHECK_EQUAL(ledger_held_by_all(semaphore.at), 0);
    close_object(place.segment, place.block);
  }
  // What the dead had open is found out when room is needed: then all of it is free again.
  for (uint32_t i = 0; i < 4096; ++i) {
    Place place;
    CHECK(arena_create(spec, &place).ok());
    CHECK_EQUAL(place.segment, places[0].segment);
    close_object(place.segment, place.block);
  }
  note("%u killed", kills);
}
