// Slots: who uses a segment is told apart, also when all are taken. Each Segment here has a description of its own, as another process's
// would.
#include "../../../native/core/slots.h"

#include <unistd.h>

#include "../support/harness.h"
#include "../support/objects.h"

using namespace native_test;

namespace {

std::unique_ptr<Segment> another(const Segment* segment) {
  std::unique_ptr<Segment> opened;
  CHECK(open_remote(getpid(), segment->fd(), segment->inode(), &opened).ok());
  join_slots(opened.get());
  return opened;
}

}  // namespace

TEST("slots: each has its own, until there are no more") {
  const auto segment = make_semaphore(100);
  std::vector<std::unique_ptr<Segment>> others;
  for (uint32_t slot = 1; slot < USER_SLOTS; ++slot) {
    others.push_back(another(segment.get()));
    CHECK_EQUAL(others.back()->slot, slot);
    CHECK(slot_alive(segment.get(), slot));
    CHECK(slot_alive(others.back().get(), 0));
  }
  const auto late = another(segment.get());
  CHECK_EQUAL(late->slot, USER_OVERFLOW);
  CHECK(semaphore_try(semaphore_of(late.get()).at, late->slot));
  CHECK(slot_alive(segment.get(), signature(late.get())));
  leave_slots(others[20].get());
  others[20].reset();
  CHECK(!slot_alive(segment.get(), 21));
  others[20] = another(segment.get());
  CHECK_EQUAL(others[20]->slot, 21);
}

// Closing the file without leaving is what a death does.
TEST("slots: a dead one's is taken over, with all it had given back") {
  const auto segment = make_semaphore(10);
  const Semaphore semaphore = semaphore_of(segment.get());
  auto dying = another(segment.get());
  const uint32_t slot = dying->slot;
  for (int i = 0; i < 3; ++i) CHECK(semaphore_try(semaphore_of(dying.get()).at, slot));
  uint32_t record = NO_RECORD;
  CHECK(park(semaphore_of(dying.get()).key, nullptr, 0, &record) == Parked::waiting);
  dying.reset();
  CHECK(!slot_alive(segment.get(), slot));
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), 7);
  exhaust_slots(segment.get());
  const auto heir = another(segment.get());
  CHECK(heir->slot != USER_OVERFLOW);
  CHECK_EQUAL(Fields::value(semaphore.at.word->load()), 10);
  CHECK_EQUAL(ledger_held_by_all(semaphore.at), 0);
  CHECK_EQUAL(records_in_use(segment.get()), 0);
}

TEST("slots: also the creator's, where it holds one object") {
  auto segment = make_semaphore(10);
  CHECK(semaphore_try(semaphore_of(segment.get()).at, segment->slot));
  const auto heir = another(segment.get());
  exhaust_slots(heir.get());
  segment.reset();
  const auto next = another(heir.get());
  CHECK_EQUAL(next->slot, 0);
  CHECK_EQUAL(Fields::value(semaphore_of(next.get()).at.word->load()), 10);
}
