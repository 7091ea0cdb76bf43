#include "slots.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "mutex.h"
#include "sweep.h"

namespace sharedctypes {

namespace {

struct flock byte_of(uint32_t slot) {
  struct flock range = {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = slot;
  range.l_len = 1;
  return range;
}

bool take_slot(Segment* segment, uint32_t slot) {
  struct flock range = byte_of(slot);
  if (fcntl(segment->fd(), F_OFD_SETLK, &range) != 0) return false;
  segment->slot = slot;
  slot_table(segment)->slot_pid[slot].store(static_cast<uint32_t>(getpid()));
  return true;
}

// Not a zombie either, which kill() takes for alive.
bool pid_alive(uint32_t pid) {
  if (kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return false;
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return false;
  const size_t name_end = line.rfind(") ");
  return name_end == std::string::npos || (line[name_end + 2] != 'Z' && line[name_end + 2] != 'X');
}

// An arena's slot 0 stays its creator's, also when it is dead: its child may be about to open what it inherited, which its bits keep.
uint32_t first_slot(const Segment* segment) {
  return segment->is_arena() ? 1 : 0;
}

void sweep(Segment* segment, uint32_t slot) {
  sweep_slot(segment, slot);
  slot_table(segment)->slot_pid[slot].store(0);  // last: killed before, the next one sweeps again
}

}  // namespace

SlotTable* slot_table(const Segment* segment) {
  return reinterpret_cast<SlotTable*>(segment->base() + segment->header()->slots_offset);
}

bool slot_alive(const Segment* segment, uint32_t who) {
  const uint32_t slot = slot_in(who);
  if (slot == USER_OVERFLOW) return who >> 8 == 0 || pid_alive(who >> 8);
  if (slot == segment->slot) return true;  // our own lock does not show in our own question
  struct flock range = byte_of(slot);
  return fcntl(segment->fd(), F_OFD_GETLK, &range) != 0 || range.l_type != F_UNLCK;
}

uint32_t signature(const Segment* segment) {
  return segment->slot | static_cast<uint32_t>(getpid()) << 8;
}

bool Liveness::alive(uint32_t who) {
  const uint32_t slot = slot_in(who);
  if (slot == USER_OVERFLOW) return slot_alive(segment_, who);
  const uint64_t bit = uint64_t{1} << slot;
  if (!(asked_ & bit)) {
    asked_ |= bit;
    if (!slot_alive(segment_, slot)) dead_ |= bit;
  }
  return !(dead_ & bit);
}

Status take_first_slot(Segment* segment) {
  return take_slot(segment, 0) ? Status{} : Status::system("fcntl");
}

void join_slots(Segment* segment) {
  ShortLock lock(&slot_table(segment)->mutex);
  for (int pass = 0; pass < 2; ++pass) {
    for (uint32_t slot = first_slot(segment); slot < USER_SLOTS; ++slot) {
      if (slot_table(segment)->slot_pid[slot].load() == 0 && take_slot(segment, slot)) return;
    }
    sweep_dead(segment);
  }
  segment->slot = USER_OVERFLOW;  // from now on what we open in an arena is not used again while the arena lives
}

void leave_slots(Segment* segment) {
  if (segment->slot == USER_OVERFLOW) return;
  ShortLock lock(&slot_table(segment)->mutex);
  sweep(segment, segment->slot);
}

void sweep_dead(Segment* segment) {
  for (uint32_t slot = first_slot(segment); slot < USER_SLOTS; ++slot) {
    if (slot_table(segment)->slot_pid[slot].load() != 0 && !slot_alive(segment, slot)) sweep(segment, slot);
  }
}

}  // namespace sharedctypes
