#include "mapping.h"

#include <sys/mman.h>

namespace sharedctypes {

Mapping::~Mapping() {
  munmap(base, size);
}

Status map_file(int fd, uint64_t size, const std::string& path, std::shared_ptr<Mapping>* out) {
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return Status::system("mmap", path);
  if (size >= (2u << 20)) madvise(base, size, MADV_HUGEPAGE);  // where the administrator allows it for shared memory
  *out = std::make_shared<Mapping>(static_cast<char*>(base), size);
  return {};
}

void retire(const std::shared_ptr<Mapping>& mapping) {
  if (mapping.use_count() == 1) return;
  // Where the kernel has no room for another mapping, the file is kept until the last share goes.
  mmap(mapping->base, mapping->size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

}  // namespace sharedctypes
