// Orphans: auto-named raw blocks of ours that nobody uses any more, because whoever did was killed. Blocks under a name that a user chose,
// and those that other programs made, are never orphans.
//
// Whether a block is in use only the kernel knows: it grants a write lease (fcntl F_SETLEASE) on a file that nobody else has open or
// mapped, and no other. While we have the lease nobody can open the file, so nothing that is in use is ever removed. Killed at any point, a
// sweeper leaves a block that the next sweep finds.
#ifndef SHAREDCTYPES_CORE_ORPHANS_H
#define SHAREDCTYPES_CORE_ORPHANS_H

#include <sys/stat.h>

#include <string>
#include <vector>

#include "status.h"

namespace sharedctypes {

// Marks a file that has no name yet as auto-named by us: the nanoseconds of its time of last change are a function of its inode and of
// the seconds. What is written to it through a mapping leaves that time alone; whoever changes it (truncate, write, touch) makes the file
// one that we never remove.
Status mark_automatic(int fd, ino_t inode);
bool is_marked(const struct stat& info);

// Removes this user's orphans and tells their names. `wait`: until other sweeps have ended; else one that is under way will do.
Status sweep_orphans(bool wait, std::vector<std::string>* removed);

// The same before something is made, unless the time for it is not due: sweeps take a tenth of a process's time at most.
void sweep_if_due();

}  // namespace sharedctypes

#endif
