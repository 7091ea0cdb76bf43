// Orphans: auto-named raw blocks of ours that nobody uses any more, because whoever did was killed. Blocks under a name that a user chose,
// and those that other programs made, are never orphans.
//
// Whether a block is in use only the kernel knows: it grants a write lease (fcntl F_SETLEASE) on a file that nobody else has open or
// mapped, and no other. While we have the lease nobody can open the file, so nothing that is in use is ever removed. Killed at any point, a
// sweeper leaves a block that the next sweep finds. (Stopped between the lease and the unlink for longer than
// /proc/sys/fs/lease-break-time, 45 s, it could go on to remove a block that somebody has opened since.)
#ifndef SHAREDCTYPES_CORE_ORPHANS_H
#define SHAREDCTYPES_CORE_ORPHANS_H

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <vector>

#include "status.h"

namespace sharedctypes {

// Names that we choose: `psm_` and 8 hex digits, as CPython's, but a function of the file's inode and of `salt`, one of SALTS. So a name
// says whose choice it was, and nothing that is done to the file afterwards changes that. CPython's fit by chance once in 2^28.
constexpr uint32_t SALTS = 16;
std::string automatic_name(ino_t inode, uint32_t salt);
bool is_automatic(const char* name, ino_t inode);

struct Sweep {
  std::vector<std::string> removed;
  std::vector<Status> failed;  // what may be an orphan, and could not be asked or removed
  bool busy = false;           // another sweep was under way; nothing was done
};

// Removes this user's orphans. `wait`: until other sweeps have ended; else one that is under way will do.
Status sweep_orphans(bool wait, Sweep* out);

// The same before something is made, unless the time for it is not due: sweeps take a fiftieth of a process's time at most.
void sweep_if_due();

}  // namespace sharedctypes

#endif
