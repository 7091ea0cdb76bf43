// Shared objects to test with, and how another process gets at them.
#ifndef SHAREDCTYPES_TEST_OBJECTS_H
#define SHAREDCTYPES_TEST_OBJECTS_H

#include <memory>

#include "../../../native/core/barrier.h"
#include "../../../native/core/event.h"
#include "../../../native/core/rwlock.h"
#include "../../../native/core/semaphore.h"

namespace native_test {

using namespace sharedctypes;

// A segment of one object, its body zero.
std::unique_ptr<Segment> make_object(uint32_t kind, uint64_t bytes, uint32_t lock_kind = LOCK_NONE);

std::unique_ptr<Segment> make_semaphore(uint32_t value, uint32_t bound = SEMAPHORE_MOST);
std::unique_ptr<Segment> make_event();
std::unique_ptr<Segment> make_barrier(uint32_t parties);
std::unique_ptr<Segment> make_rwlock();

Semaphore semaphore_of(const Segment* segment);
Event event_of(const Segment* segment);
Barrier barrier_of(const Segment* segment);
RwLock rwlock_of(const Segment* segment);
LockWord* mutex_of(const Segment* segment);
// A place in the object's body to wait for, counted nowhere.
WaitKey key_of(const Segment* segment, uint64_t at = 0);

// In a process that fork() made: the parent's segment opened anew, as if by a process that got a handle. The inherited descriptor shares
// its open-file locks with the parent, so it is closed: otherwise the parent's slot would live as long as we do. Not joined yet.
std::unique_ptr<Segment> open_anew(const Segment* parents);
// Once more, in the same process.
std::unique_ptr<Segment> open_again(const Segment* parents);
// And in a slot of its own.
std::unique_ptr<Segment> open_and_join(const Segment* parents);

// Records in use.
uint32_t records_in_use(const Segment* segment);
// The slots of a segment, all marked as used by processes that are dead: who joins next has to sweep.
void exhaust_slots(const Segment* segment);

// How long a waiter sleeps before it looks after the dead, in ns. lib/sync/parking.ts begins with ten times as much.
constexpr int64_t SLICE = 1000000;

}  // namespace native_test

#endif
