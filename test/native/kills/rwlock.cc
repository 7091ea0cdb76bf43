// Readers and writers killed at random instructions: never a writer beside anybody else, and nobody hangs.
#include "../support/processes.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

constexpr uint32_t READS = 1, WRITES = 2;

void campaign(int lanes, int writers) {
  const uint32_t kills = kills_wanted();
  Random random;
  const auto segment = make_rwlock();
  struct Count {
    std::atomic<uint64_t> reads, writes;
  };
  auto* count = shared_memory<Count>();
  Victims victims(lanes, [&](Campaign& all, int lane, uint64_t life) {
    Random own(life);
    const auto mine = open_and_join(segment.get());
    Doing doing(&all, lane, mine.get(), life);
    for (;;) {
      const uint32_t what = lane < writers ? WRITES : READS;
      if (what == READS) begin_reading(mine.get());
      else begin_writing(mine.get());
      doing.begin(what, 0, [=](uint32_t each) { return what == WRITES || each == WRITES; });
      random_moment(&own);
      doing.end();
      if (what == READS) end_reading(mine.get());
      else end_writing(mine.get());
      (what == READS ? count->reads : count->writes).fetch_add(1);
      step(&all);
    }
  });
  for (uint32_t i = 0; i < kills; i += 100) {
    until_reaches(count->writes, count->writes.load() + 1);
    until_reaches(count->reads, count->reads.load() + 1);
    victims.kill_many(100, &random);
  }
  victims.kill_all();
  // The next writer, and then the next reader, find it free.
  begin_writing(segment.get());
  end_writing(segment.get());
  begin_reading(segment.get());
  end_reading(segment.get());
  const RwLock lock = rwlock_of(segment.get());
  rwlock_tend(lock);
  park_tend(lock.writer);
  CHECK_EQUAL(rwlock_value(lock), 0);
  CHECK_EQUAL(ledger_held_by_all(lock.at), 0);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
  note("%u killed, %llu reads, %llu writes", kills, static_cast<unsigned long long>(count->reads.load()),
       static_cast<unsigned long long>(count->writes.load()));
}

}  // namespace

TEST("kills: readers, and a writer") {
  campaign(4, 1);
}

TEST("kills: writers, and a reader") {
  campaign(4, 3);
}
