// Waiting without owning: one thread a process that tells when what is waited for looks ready, for callers who must not block.
//
// A robust mutex belongs to the thread that locked it, so no helper thread can take it for JavaScript's; the same goes for all else. The
// watcher only looks: it sleeps on the words of all watched waits at once (futex_waitv) and says which look ready; the caller then tries.
//
// What a kill can do: whoever dies between a change and the wake-up, or while holding (the kernel then wakes only those blocked in
// pthread_mutex_lock), wakes no watcher. So while anything is watched, everything is looked at again after WATCH_TICK_MS. The same tick
// serves waits beyond the kernel's limit of words in one call, kernels without futex_waitv, and unlocks by programs in C.
#ifndef SHAREDCTYPES_CORE_WATCHER_H
#define SHAREDCTYPES_CORE_WATCHER_H

#include <cstdint>
#include <memory>

#include "futex.h"

namespace sharedctypes {

constexpr int64_t WATCH_TICK_MS = 10;

// Gets word that a wait looks ready. Called on the watcher's thread, under its mutex: must be short and must not call back.
class WatchListener {
 public:
  virtual ~WatchListener() = default;
  virtual void looks_ready(uint32_t token) = 0;
};

// Something to be watched. Called on the watcher's thread; its memory must stay mapped until it was told or unwatched.
class Watchable {
 public:
  virtual ~Watchable() = default;
  // Makes sure that changes from now on wake the words given, then looks. `words` has room for two; says how many there are.
  virtual bool ready(WaitWord* words, size_t* count) = 0;
  // Once a tick: looks after the dead.
  virtual void tend() {}
};

// Watches until it looks ready, tells once, and forgets it.
void watch(std::unique_ptr<Watchable> what, WatchListener* listener, uint32_t token);
void unwatch(WatchListener* listener, uint32_t token);
// After this returns the listener is not called again.
void unwatch_all(WatchListener* listener);

}  // namespace sharedctypes

#endif
