// The parent's side of a SharedMemoryManager: its helper process (native/manager), and the table that tells it what to remove.
#ifndef SHAREDCTYPES_CORE_MANAGER_H
#define SHAREDCTYPES_CORE_MANAGER_H

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "manager_table.h"
#include "status.h"

namespace sharedctypes {

// Not for two threads at once.
class Manager {
 public:
  // Starts the helper. `socket`: our end, the caller's to close, which lets the helper begin to clear up. The helper writes one byte to it
  // when it is ready.
  static Status start(const std::string& program, std::unique_ptr<Manager>* out, int* socket);
  // Removes the names of all its blocks and ends the helper. When it returns, there is no helper any more.
  ~Manager();
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  pid_t pid() const { return pid_; }
  // Whether the helper lives.
  bool alive() const;
  // To be called before the block gets its name.
  Status record(const std::string& name, uint64_t inode, uint64_t device);
  int table() const { return table_; }
  // How many records the table has, free ones too.
  uint32_t records() const { return records_; }

 private:
  explicit Manager(int table) : table_(table) {}
  Status collect();
  Status write_at(uint32_t record, size_t offset, const void* bytes, size_t count) const;

  const int table_;
  pid_t pid_ = -1;
  uint32_t records_ = 0;
  std::vector<uint32_t> free_;
  uint32_t collect_at_ = 64;  // how many records there are when we next look which blocks are gone
};

}  // namespace sharedctypes

#endif
