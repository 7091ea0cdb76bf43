// Names in /dev/shm: files are made without one and linked into place, so that nobody ever sees them half made.
#ifndef SHAREDCTYPES_CORE_SHM_FILE_H
#define SHAREDCTYPES_CORE_SHM_FILE_H

#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "status.h"

namespace sharedctypes {

constexpr const char* SHM_FOLDER = "/dev/shm";

std::string shm_path(const std::string& name);

// A new file without a name. Killed before it is linked: the kernel frees it.
Status open_unnamed(int* fd);
// Gives it its name, in one step. EEXIST where the name is taken.
Status link_file(int fd, const std::string& name);
// What a name leads to, for reading and writing. ENOENT where there is nothing; a symbolic link is refused.
Status open_name(const std::string& name, int* fd);
// Opens descriptor `fd` of process `pid` anew, provided that it is this inode.
Status open_descriptor_of(int pid, int fd, uint64_t inode, std::string* path, int* opened);
// Removes a name, provided that it still leads to this inode of this device.
Status unlink_named(const std::string& name, uint64_t inode, uint64_t device);

}  // namespace sharedctypes

#endif
