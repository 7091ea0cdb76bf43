// Pages for a file before anybody writes to it: a full /dev/shm is ENOSPC here and now, not a SIGBUS at the first touch.
#ifndef SHAREDCTYPES_CORE_RESERVE_H
#define SHAREDCTYPES_CORE_RESERVE_H

#include <cstdint>
#include <string>

#include "status.h"

namespace sharedctypes {

// Whether there are so many bytes. ENOSPC: the file system has less. ENOMEM: the machine or our control group has less, and to go on would
// end in the out-of-memory killer. `path`: what a failure names.
Status room_for(int fd, uint64_t bytes, const std::string& path);

// Gives a file of `size` bytes all its pages, or says the same.
Status reserve(int fd, uint64_t size, const std::string& path);

// The same for a new, empty file.
Status allocate(int fd, uint64_t size, const std::string& path);

}  // namespace sharedctypes

#endif
