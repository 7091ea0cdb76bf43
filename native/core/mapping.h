// Memory mapped from a file, which JavaScript sees through ArrayBuffers. See docs/adr/0022.
#ifndef SHAREDCTYPES_CORE_MAPPING_H
#define SHAREDCTYPES_CORE_MAPPING_H

#include <cstdint>
#include <memory>
#include <string>

#include "status.h"

namespace sharedctypes {

// Unmapped with the last of its shares (std::shared_ptr). One is its segment's or raw block's, and each ArrayBuffer's memory has another:
// work in Node's thread pool (crypto, zlib, files) goes on with that memory after the buffer is detached, until it is done.
class Mapping {
 public:
  Mapping(char* base, uint64_t size) : base(base), size(size) {}
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  char* const base;
  const uint64_t size;
};

// Maps all of a file. `path`: what a failure names.
Status map_file(int fd, uint64_t size, const std::string& path, std::shared_ptr<Mapping>* out);

// Lets go of the file now, if others have shares in the mapping still: in the place of its memory comes some that nobody else sees.
void retire(const std::shared_ptr<Mapping>& mapping);

}  // namespace sharedctypes

#endif
