// Named semaphores: files that glibc's sem_open opens, with what is ours behind its 32 bytes.
#ifndef SHAREDCTYPES_CORE_SEMAPHORE_FILE_H
#define SHAREDCTYPES_CORE_SEMAPHORE_FILE_H

#include <string>

#include "segment.h"

namespace sharedctypes {

// What sem_open("/name") calls the file, in /dev/shm.
std::string semaphore_file_name(const std::string& name);

// Whether a file without a header of ours may be a semaphore that a program in C made, also one that is being adopted, and its value.
bool plain_semaphore(int fd, uint64_t size, uint32_t* value);

// Where a program in C made the semaphore: adds what is ours to its file, keeping the value. Nothing to do for one of ours. ENOENT where
// there is none.
Status adopt_semaphore(const std::string& file_name, const ObjectSpec& spec, uint32_t bound);

}  // namespace sharedctypes

#endif
