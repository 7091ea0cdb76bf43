// Raw blocks to test with, in a /dev/shm of the test's own where that is permitted.
#ifndef SHAREDCTYPES_TEST_RAW_H
#define SHAREDCTYPES_TEST_RAW_H

#include <memory>
#include <string>
#include <vector>

#include "../../../native/core/raw_block.h"
#include "harness.h"

namespace native_test {

using sharedctypes::RawBlock;

constexpr uint64_t RAW_SIZE = 5000;
constexpr char RAW_BYTE = 0x5a;
constexpr size_t BYSTANDERS = 5;

// From now on this process and those it starts see an empty tmpfs on /dev/shm. Where nobody permits that: the one that all see.
void own_shm();

// The blocks that are there. Where /dev/shm is that of all: those that were not there when the test began.
std::vector<std::string> raw_names();
bool is_there(const std::string& name);

struct Named {
  std::unique_ptr<RawBlock> block;
  std::string name;
};
// A block of RAW_SIZE bytes, all of them written, auto-named.
Named make_automatic();
Named make_named(const std::string& name);
// Nobody uses it: whoever made it is gone, for all that the kernel knows.
std::string make_orphan();
// The name leads to this block, which holds what was written.
void check_whole(const RawBlock& block, const std::string& name);
inline void check_whole(const Named& made) {
  check_whole(*made.block, made.name);
}

// Blocks that a sweep must leave alone, each in use, or unused, in another way.
class Bystanders {
 public:
  Bystanders();
  ~Bystanders();
  Bystanders(const Bystanders&) = delete;
  Bystanders& operator=(const Bystanders&) = delete;
  void check() const;
  bool include(const std::string& name) const;

 private:
  struct Bystander {
    std::string name;
    ino_t inode;
  };
  void add(const std::string& name);
  std::vector<Bystander> all_;
  Named open_;
  void* mapping_ = nullptr;
  int reader_ = -1;
};

}  // namespace native_test

#endif
