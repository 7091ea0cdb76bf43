#include "objects.h"

#include <unistd.h>

#include "../../../native/core/arena.h"
#include "../../../native/core/header.h"
#include "../../../native/core/slots.h"
#include "harness.h"

namespace native_test {

std::unique_ptr<Segment> make_object(uint32_t kind, uint64_t bytes, uint32_t lock_kind) {
  ObjectSpec spec;
  spec.object_kind = kind;
  spec.lock_kind = lock_kind;
  spec.length = bytes;
  spec.element_size = 1;
  std::unique_ptr<Segment> segment;
  CHECK(create_anonymous(SEGMENT_OBJECT, object_shape(spec).size, spec, &segment).ok());
  return segment;
}

std::unique_ptr<Segment> make_semaphore(uint32_t value, uint32_t bound) {
  auto segment = make_object(bound == SEMAPHORE_MOST ? OBJECT_SEMAPHORE : OBJECT_BOUNDED_SEMAPHORE, sizeof(Ledger));
  semaphore_init(semaphore_of(segment.get()), value, bound);
  return segment;
}

std::unique_ptr<Segment> make_event() {
  return make_object(OBJECT_EVENT, sizeof(EventBody));
}

std::unique_ptr<Segment> make_barrier(uint32_t parties) {
  auto segment = make_object(OBJECT_BARRIER, sizeof(BarrierBody));
  barrier_of(segment.get()).body->parties = parties;
  return segment;
}

std::unique_ptr<Segment> make_rwlock() {
  auto segment = make_object(OBJECT_RWLOCK, sizeof(Ledger), LOCK_PLAIN);
  rwlock_init(rwlock_of(segment.get()));
  return segment;
}

Semaphore semaphore_of(const Segment* segment) {
  return semaphore_at(segment, segment->header()->data_offset);
}

Event event_of(const Segment* segment) {
  return event_at(segment, segment->header()->data_offset);
}

Barrier barrier_of(const Segment* segment) {
  return barrier_at(segment, segment->header()->data_offset);
}

RwLock rwlock_of(const Segment* segment) {
  return rwlock_at(segment, segment->header()->data_offset);
}

LockWord* mutex_of(const Segment* segment) {
  return reinterpret_cast<LockWord*>(segment->base() + segment->header()->lock_offset);
}

WaitKey key_of(const Segment* segment, uint64_t at) {
  return {segment, segment->header()->data_offset + at, nullptr};
}

std::unique_ptr<Segment> open_again(const Segment* parents) {
  std::unique_ptr<Segment> segment;
  const Status status = open_remote(getppid(), parents->fd(), parents->inode(), &segment);
  if (!status.ok()) fail(__FILE__, __LINE__, "open_remote: %s %s", status.syscall, status.detail.c_str());
  return segment;
}

std::unique_ptr<Segment> open_anew(const Segment* parents) {
  auto segment = open_again(parents);
  close(parents->fd());
  return segment;
}

std::unique_ptr<Segment> open_and_join(const Segment* parents) {
  auto segment = open_anew(parents);
  if (segment->is_arena()) arena_join(segment.get());
  join_slots(segment.get());
  return segment;
}

uint32_t records_in_use(const Segment* segment) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < record_limit(segment); ++i) count += wait_records(segment)[i].key.load() != 0 ? 1 : 0;
  return count;
}

void exhaust_slots(const Segment* segment) {
  for (uint32_t slot = 1; slot < USER_SLOTS; ++slot) {
    if (slot_table(segment)->slot_pid[slot].load() == 0) slot_table(segment)->slot_pid[slot].store(1);
  }
}

}  // namespace native_test
