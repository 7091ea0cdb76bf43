// Slots: the number by which each process that uses a segment is known in it, and whether it is alive. A slot is alive while somebody holds
// the open-file lock on "its" byte of the segment's file. The kernel drops it with the process's last thread, so "dead" means that none of
// its threads can run another instruction: what it left half done will stay as it is. (A robust mutex, which the kernel gives back when one
// thread dies, does not say that: another thread of the process may still be running on the other CPU.)
#ifndef SHAREDCTYPES_CORE_SLOTS_H
#define SHAREDCTYPES_CORE_SLOTS_H

#include "mutex.h"
#include "segment.h"

namespace sharedctypes {

SlotTable* slot_table(const Segment* segment);

// The kernel's answer: one system call. A process beyond the last slot is known by its pid alone (`who` as in WaitRecord::slot).
bool slot_alive(const Segment* segment, uint32_t who);

// How this process signs in WaitRecord::slot: the slot and, in the upper 24 bits, the pid.
uint32_t signature(const Segment* segment);
constexpr uint32_t slot_in(uint32_t who) {
  return who & 63;
}

// Asks each slot once, however often it is wanted.
class Liveness {
 public:
  explicit Liveness(const Segment* segment) : segment_(segment) {}
  bool alive(uint32_t who);

 private:
  const Segment* segment_;
  uint64_t asked_ = 0;
  uint64_t dead_ = 0;
};

// Takes slot 0 of a segment just made.
Status take_first_slot(Segment* segment);
// Takes a free slot, or a dead process's after giving back what that one had. Without one: the slot that late-comers share.
void join_slots(Segment* segment);
// Gives it back, with all that stands under it.
void leave_slots(Segment* segment);
// Gives back what dead processes have. Under SlotTable::mutex.
void sweep_dead(Segment* segment);

// Calls `give_back(slot)` for the slots of dead processes that have something, as `has(slot)` says. Nobody can take such a slot over
// meanwhile.
template <typename Has, typename GiveBack>
void for_each_dead(const Segment* segment, Has has, GiveBack give_back) {
  for (uint32_t slot = 0; slot < USER_SLOTS; ++slot) {
    if (!has(slot) || slot_alive(segment, slot)) continue;
    const ShortLock lock(&slot_table(segment)->mutex);
    if (!slot_alive(segment, slot)) give_back(slot);  // asked again: it may have been another's by the time we had the mutex
  }
}

}  // namespace sharedctypes

#endif
