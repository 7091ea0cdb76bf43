// Waiting without owning: one thread a process that tells when locks look free, for callers who must not block.
//
// A robust mutex belongs to the thread that locked it, so no helper thread can take it for JavaScript's. The watcher only looks: it
// sleeps on the wake words of all watched locks at once (futex_waitv) and says when a lock has no owner; the caller then tries.
//
// What a kill can do: whoever dies between unlocking and waking, or while holding (the kernel then wakes only those blocked in
// pthread_mutex_lock), wakes no watcher. So while anything is watched, every word is looked at again after WATCH_TICK_MS. The same tick
// serves locks beyond the kernel's limit of words in one wait, kernels without futex_waitv, and unlocks by programs in C.
#ifndef SHAREDCTYPES_CORE_WATCHER_H
#define SHAREDCTYPES_CORE_WATCHER_H

#include <cstdint>

#include "layout.h"

namespace sharedctypes {

constexpr int64_t WATCH_TICK_MS = 10;

// Gets word that a lock looks free. Called on the watcher's thread, under its mutex: must be short and must not call back.
class WatchListener {
 public:
  virtual ~WatchListener() = default;
  virtual void lock_looks_free(uint32_t token) = 0;
};

// Watches `lock` until it looks free, tells once, and forgets it. The memory must stay mapped until then or until unwatch().
void watch(LockWord* lock, WatchListener* listener, uint32_t token);
void unwatch(WatchListener* listener, uint32_t token);
// After this returns the listener is not called again.
void unwatch_all(WatchListener* listener);

}  // namespace sharedctypes

#endif
