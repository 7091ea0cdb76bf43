#include "barrier.h"

#include "slots.h"

namespace sharedctypes {

namespace {

bool is_waiting(const WaitRecord* record) {
  return record->outcome.load() < BARRIER_RELEASED;
}

// All functions here: under the mutex.

uint32_t count_waiting(const Barrier& barrier) {
  uint32_t count = 0;
  for_each_record(barrier.key.segment, barrier.key.key, [&](const WaitRecord* record) { count += is_waiting(record) ? 1 : 0; });
  barrier.body->waiting.store(count);
  return count;
}

// One step, whoever is killed: the broadcast is done by all or by none.
void let_go(const Barrier& barrier, uint32_t outcome, Wakes* wakes) {
  if (outcome == BARRIER_BROKEN) barrier.body->broken.store(1);
  unpark_locked(barrier.key, ALL, wakes, outcome);
  barrier.body->waiting.store(0);
  barrier.body->acting.store(0);
  unpark_locked(barrier.entrance, ALL, wakes);
}

bool member_died(const Barrier& barrier, Liveness* liveness) {
  const uint64_t members = barrier.body->members.load();
  for (uint32_t slot = 0; slot < USER_SLOTS; ++slot) {
    if ((members >> slot & 1) != 0 && !liveness->alive(slot)) return true;
  }
  return false;
}

bool is_broken(const Barrier& barrier, Wakes* wakes, bool look_at_members = false) {
  Liveness liveness(barrier.key.segment);
  bool death = false;
  bool acting = false;
  bool waiting = false;
  for_each_record(barrier.key.segment, barrier.key.key, [&](WaitRecord* record) {
    if (!is_waiting(record)) return;
    waiting = true;
    if (!liveness.alive(record->slot.load())) death = true;
    if (record->outcome.load() != BARRIER_ACTS) return;
    acting = true;
    // Chosen by one who died before it could tell.
    if (record->count.load() == 2 && grants_of(record) == 0) grant(record, 1, wakes);
  });
  // Let go by one who died before it could write that down.
  if (!acting) barrier.body->acting.store(0);
  if (look_at_members && waiting && !death) death = member_died(barrier, &liveness);
  // Nobody gets in line at a broken barrier: who waits there was to be let go by one who died.
  if (death || (waiting && barrier.body->broken.load() != 0)) let_go(barrier, BARRIER_BROKEN, wakes);
  return barrier.body->broken.load() != 0;
}

// Asks a waiting party that has the action to run it.
bool ask_to_act(const Barrier& barrier, Wakes* wakes) {
  WaitRecord* actor = nullptr;
  for_each_record(barrier.key.segment, barrier.key.key, [&](WaitRecord* record) {
    if (actor == nullptr && record->outcome.load() == BARRIER_CAN_ACT) actor = record;
  });
  if (actor == nullptr) return false;
  barrier.body->acting.store(1);
  actor->count.store(2);  // one wake-up to act, and one for the outcome
  actor->outcome.store(BARRIER_ACTS);
  grant(actor, 1, wakes);
  return true;
}

WaitRecord* record_at(const Barrier& barrier, uint32_t record) {
  return &wait_records(barrier.key.segment)[record];
}

void forget(const Barrier& barrier, uint32_t record) {
  free_record(barrier.key.segment, record_at(barrier, record));
  count_waiting(barrier);
}

Arrival decided(const Barrier& barrier, uint32_t record) {
  switch (record_at(barrier, record)->outcome.load()) {
    case BARRIER_RELEASED:
      forget(barrier, record);
      return Arrival::released;
    case BARRIER_BROKEN:
      forget(barrier, record);
      return Arrival::broken;
    case BARRIER_ACTS:
      record_at(barrier, record)->word.exchange(0);
      record_at(barrier, record)->count.store(1);  // told; what is left is the wake-up for the outcome
      return Arrival::acts;
    default:
      return Arrival::waits;
  }
}

}  // namespace

Barrier barrier_at(const Segment* segment, uint64_t offset) {
  auto* body = reinterpret_cast<BarrierBody*>(segment->base() + offset);
  return {body, {segment, offset, nullptr}, {segment, offset + 8, nullptr}};
}

Arrival barrier_arrive(const Barrier& barrier, bool can_act, uint32_t* record, uint32_t* index) {
  Wakes wakes;
  const LotLock lock(barrier.key.segment);
  if (is_broken(barrier, &wakes)) return Arrival::broken;
  barrier_join(barrier);
  if (barrier.body->acting.load() != 0) return Arrival::too_early;
  *index = count_waiting(barrier);
  const bool last = *index + 1 >= barrier.body->parties;
  if (last && !can_act && !ask_to_act(barrier, &wakes)) {
    let_go(barrier, BARRIER_RELEASED, &wakes);
    return Arrival::released;
  }
  if (park_locked(barrier.key, record) == Parked::full) return Arrival::full;
  const bool acts = last && can_act;
  if (acts) barrier.body->acting.store(1);
  record_at(barrier, *record)->outcome.store(acts ? BARRIER_ACTS : can_act ? BARRIER_CAN_ACT : BARRIER_WAITS);
  count_waiting(barrier);
  return acts ? Arrival::acts : Arrival::waits;
}

Arrival barrier_look(const Barrier& barrier, uint32_t record) {
  const LotLock lock(barrier.key.segment);
  return park_granted(barrier.key.segment, record) == 0 ? Arrival::waits : decided(barrier, record);
}

bool barrier_release(const Barrier& barrier, uint32_t record) {
  Wakes wakes;
  const LotLock lock(barrier.key.segment);
  // A reset has let it go already, and those who wait now are of another round.
  if (is_waiting(record_at(barrier, record)) && !is_broken(barrier, &wakes)) let_go(barrier, BARRIER_RELEASED, &wakes);
  return decided(barrier, record) == Arrival::released;
}

Arrival barrier_leave(const Barrier& barrier, uint32_t record) {
  Wakes wakes;
  const LotLock lock(barrier.key.segment);
  if (is_waiting(record_at(barrier, record))) let_go(barrier, BARRIER_BROKEN, &wakes);
  return decided(barrier, record);
}

void barrier_break(const Barrier& barrier) {
  Wakes wakes;
  const LotLock lock(barrier.key.segment);
  let_go(barrier, BARRIER_BROKEN, &wakes);
}

void barrier_reset(const Barrier& barrier) {
  Wakes wakes;
  const LotLock lock(barrier.key.segment);
  let_go(barrier, BARRIER_BROKEN, &wakes);
  Liveness liveness(barrier.key.segment);
  for (uint32_t slot = 0; slot < USER_SLOTS; ++slot) {
    if ((barrier.body->members.load() >> slot & 1) != 0 && !liveness.alive(slot)) barrier_resign(barrier, slot);
  }
  barrier.body->broken.store(0);
}

void barrier_tend(const Barrier& barrier) {
  Wakes wakes;
  const LotLock lock(barrier.key.segment);
  is_broken(barrier, &wakes, true);
}

void barrier_join(const Barrier& barrier) {
  const uint32_t slot = barrier.key.segment->slot;
  if (slot != USER_OVERFLOW) barrier.body->members.fetch_or(uint64_t{1} << slot);
}

void barrier_resign(const Barrier& barrier, uint32_t slot) {
  barrier.body->members.fetch_and(~(uint64_t{1} << slot));
}

void barrier_member_died(const Barrier& barrier, uint32_t slot) {
  Wakes wakes;
  const LotLock lock(barrier.key.segment);
  if ((barrier.body->members.load() >> slot & 1) == 0) return;
  if (count_waiting(barrier) > 0) let_go(barrier, BARRIER_BROKEN, &wakes);
  barrier_resign(barrier, slot);
}

}  // namespace sharedctypes
