// The header of a segment: made, and read as something that anybody may have written.
#ifndef SHAREDCTYPES_CORE_HEADER_H
#define SHAREDCTYPES_CORE_HEADER_H

#include <string>

#include "segment.h"

namespace sharedctypes {

// The layout of a segment made for one object: where its data, its slots and its lot are, and the whole size in bytes. 0 if it is too large
// to exist.
struct ObjectShape {
  uint64_t data_offset = 0;
  uint64_t slots_offset = 0;
  uint64_t lot_offset = 0;
  uint64_t size = 0;
};
ObjectShape object_shape(const ObjectSpec& spec);

// Where the header is in the file.
inline uint64_t header_offset(bool semaphore_file) {
  return semaphore_file ? SEMAPHORE_HEADER_OFFSET : 0;
}

// Writes the header into memory that is zero, with the mutexes of lock, slots and lot. The magic number comes last.
void write_header(char* base, uint32_t segment_kind, uint64_t size, const ObjectSpec& spec);

// Reads the header, at the one place or the other, by pread: a file that is cut short meanwhile answers a short read, not a SIGBUS. False:
// no magic number at either.
bool find_header(int fd, uint64_t file_size, SegmentHeader* header, bool* semaphore_file);

// Why a header with the right magic number can't be used, or nothing. Each field is held against the file's size.
std::string fault_of(const SegmentHeader& header, bool semaphore_file, uint64_t file_size);

}  // namespace sharedctypes

#endif
