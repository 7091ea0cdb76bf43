// A look at a file from outside, for tools: what it says of itself and what the kernel says of it, by pread and by asking for locks.
// Nothing is mapped (a file that is cut short would be a SIGBUS), locked or joined, so nobody who uses the file can notice. What is read
// while others write is no snapshot: each word is one, and a ledger is read until its word stood still, a few times at most.
#ifndef SHAREDCTYPES_CORE_INSPECT_H
#define SHAREDCTYPES_CORE_INSPECT_H

#include <string>
#include <vector>

#include "layout.h"
#include "status.h"

namespace sharedctypes {

// A process in the slot table, or one that is gone and has not been swept yet.
struct SeenUser {
  uint32_t slot;
  uint32_t pid;   // 0: unknown
  bool alive;     // slot 63 is nobody's: never
  uint32_t held;  // permits of a semaphore, reads of an RWLock
};

struct Inspection {
  // no_segment: no magic number; nothing else is said.
  // plain_semaphore: a program in C made it and nobody of ours opened it yet; only `value` is said.
  // damaged: `fault` says why.
  enum class Found { no_segment, plain_semaphore, damaged, segment };
  Found found = Found::no_segment;
  std::string fault;
  SegmentHeader header = {};
  bool semaphore_file = false;
  std::vector<SeenUser> users;  // alive, or with something held

  // The lock, where there is one. tid 0: free.
  uint32_t owner_tid = 0;
  uint32_t owner = 0;       // LockWord::owner
  bool owner_died = false;  // and nobody has mended what it guards

  uint32_t objects = 0;  // in an arena

  uint32_t value = 0;    // a Semaphore's value, an RWLock's number, an Event's word, whether a Barrier is broken
  uint32_t bound = 0;    // of a BoundedSemaphore; a Barrier's parties
  uint32_t waiting = 0;  // records in line
};

// `fd` may be open for reading only. Fails only where the kernel does.
Status inspect_file(int fd, Inspection* out);

}  // namespace sharedctypes

#endif
