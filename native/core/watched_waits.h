// What the watcher looks at for each kind of asynchronous wait.
#ifndef SHAREDCTYPES_CORE_WATCHED_WAITS_H
#define SHAREDCTYPES_CORE_WATCHED_WAITS_H

#include <memory>

#include "parking.h"
#include "watcher.h"

namespace sharedctypes {

// A lock, until it looks free.
std::unique_ptr<Watchable> watched_lock(LockWord* lock);

enum class WaitKind : uint32_t { grant = 0, event = 1, semaphore = 2, barrier = 3, read = 4, write = 5 };

// A record of this process, until something is granted to it, or what it waits for can be had anyway. `offset`: of the object's data.
// `lock`: the mutex of an RWLock. `seen`: EventBody::word as it was when the record was made.
std::unique_ptr<Watchable> watched_record(WaitKind kind, const WaitKey& key, uint32_t record, uint64_t offset, const LockWord* lock,
                                          uint32_t seen);

}  // namespace sharedctypes

#endif
