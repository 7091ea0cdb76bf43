// Barriers: parties wait until all have arrived. The parties that wait are their records; one that dies breaks the barrier for the others.
// So does, for those who wait, one that has not come yet, if it is known to be a party: see BarrierBody::members.
#ifndef SHAREDCTYPES_CORE_BARRIER_H
#define SHAREDCTYPES_CORE_BARRIER_H

#include "parking.h"

namespace sharedctypes {

struct Barrier {
  BarrierBody* body;
  WaitKey key;
  WaitKey entrance;  // those who come while the parties of a round are all there and its action runs
};

Barrier barrier_at(const Segment* segment, uint64_t offset);

enum class Arrival { waits, acts, released, broken, too_early, full };

// Arrives. waits: see barrier_look after each sleep. acts: all are there, and the caller is to run the action and then to call
// barrier_release. released: it was the last. too_early: wait at the entrance and try again. `index`: the place in the order of arrival.
Arrival barrier_arrive(const Barrier& barrier, bool can_act, uint32_t* record, uint32_t* index);
// What has become of a party that waits. Decided: its record is freed. acts: told once.
Arrival barrier_look(const Barrier& barrier, uint32_t record);
// The action is done: lets all go, with the caller. False: the barrier was broken meanwhile.
bool barrier_release(const Barrier& barrier, uint32_t record);
// Gives up waiting, which breaks the barrier, unless it was decided before: then the same as barrier_look.
Arrival barrier_leave(const Barrier& barrier, uint32_t record);
// Breaks it for all who wait and all who come.
void barrier_break(const Barrier& barrier);
// Breaks it for all who wait; those who come find it new.
void barrier_reset(const Barrier& barrier);
// This process may be a party from now on: others need not wait for it when it is killed.
void barrier_join(const Barrier& barrier);
// It is none any more: it closes the barrier, or exits in good order.
void barrier_resign(const Barrier& barrier, uint32_t slot);
// It was killed: breaks the barrier for those who wait.
void barrier_member_died(const Barrier& barrier, uint32_t slot);

// Breaks it if a waiting party is dead, or one that those who wait may be waiting for.
void barrier_tend(const Barrier& barrier);

}  // namespace sharedctypes

#endif
