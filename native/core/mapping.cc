#include "mapping.h"

#include <sys/mman.h>

namespace sharedctypes {

Mapping::~Mapping() {
  munmap(base, size);
}

void Mapping::retire() {
  // Where the kernel has no room for another mapping, the file is kept until the last share goes.
  mmap(base, size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

}  // namespace sharedctypes
