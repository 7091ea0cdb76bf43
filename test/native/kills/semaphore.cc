// Processes that hold permits and wait for them, killed at random instructions.
#include "../support/processes.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

constexpr uint32_t HOLDS = 1;

// Everything is back as it was.
void check_end(const Segment* segment, uint32_t value) {
  const Semaphore semaphore = semaphore_of(segment);
  semaphore_tend(semaphore);
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), value);
  CHECK_EQUAL(ledger_held_by_all(semaphore.at), 0);
  CHECK_EQUAL(semaphore.at.ledger->parked.load(), 0);
  CHECK_EQUAL(records_in_use(segment), 0);
}

void hold_and_wait(uint32_t permits, int lanes, uint32_t kills) {
  Random random;
  const auto segment = make_semaphore(permits);
  auto* most = shared_memory<std::atomic<uint32_t>>();
  Victims victims(lanes, [&](Campaign& campaign, int lane, uint64_t life) {
    Random own(life);
    const auto mine = open_and_join(segment.get());
    const Semaphore semaphore = semaphore_of(mine.get());
    Doing doing(&campaign, lane, mine.get(), life);
    for (;;) {
      take_permit(semaphore);
      const uint32_t count = 1 + doing.begin(HOLDS, permits - 1, [](uint32_t) { return true; });
      if (count > most->load()) most->store(count);
      random_moment(&own);
      doing.end();
      give_permit(semaphore);
      step(&campaign);
    }
  });
  victims.kill_many(kills, &random);
  victims.kill_all();
  check_end(segment.get(), permits);
  CHECK(most->load() <= permits);
  note("%u killed, %llu times held, %u together at most", kills, static_cast<unsigned long long>(victims.campaign->progress.load()),
       most->load());
}

}  // namespace

TEST("kills: holders of one permit, and those who wait for it") {
  hold_and_wait(1, 3, kills_wanted());
}

TEST("kills: holders of two permits, and those who wait for them") {
  hold_and_wait(2, 4, kills_wanted());
}

// Half of them take and never give, half give what others hold. The bound is the first value, so no permit can be made from nothing.
TEST("kills: those who release permits that others hold") {
  constexpr uint32_t PERMITS = 3;
  const uint32_t kills = kills_wanted();
  Random random;
  const auto segment = make_semaphore(PERMITS, PERMITS);
  auto* refused = shared_memory<std::atomic<uint64_t>>();
  Victims victims(4, [&](Campaign& campaign, int lane, uint64_t) {
    const auto mine = open_and_join(segment.get());
    const Semaphore semaphore = semaphore_of(mine.get());
    for (;;) {
      if (lane % 2 == 0) take_permit(semaphore);
      else if (!semaphore_release(semaphore, mine->slot, 1)) refused->fetch_add(1);
      if (Fields::value(semaphore.at.word->load()) > PERMITS) fail(__FILE__, __LINE__, "more permits than there were");
      step(&campaign);
    }
  });
  victims.kill_many(kills, &random);
  victims.kill_all();
  check_end(segment.get(), PERMITS);
  note("%u killed, %llu times given or taken, %llu refused", kills, static_cast<unsigned long long>(victims.campaign->progress.load()),
       static_cast<unsigned long long>(refused->load()));
}
