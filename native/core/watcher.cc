#include "watcher.h"

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <thread>
#include <vector>

#include "mutex.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

namespace sharedctypes {

namespace {

// The kernel's struct futex_waitv and its limit (Linux 5.16), for older headers.
struct WaitWord {
  uint64_t value;
  uint64_t address;
  uint32_t flags;
  uint32_t reserved;
};
constexpr uint32_t WAIT_32_BIT = 2;
constexpr size_t WAIT_LIMIT = 128;

struct Watched {
  LockWord* lock;
  WatchListener* listener;
  uint32_t token;
};

class Watcher {
 public:
  void add(const Watched& entry) {
    std::lock_guard<std::mutex> guard(mutex_);
    entries_.push_back(entry);
    if (!started_) {
      started_ = true;
      std::thread([this] { run(); }).detach();
    }
    poke();
  }

  template <typename Matches>
  void remove_if(Matches matches) {
    std::lock_guard<std::mutex> guard(mutex_);
    entries_.erase(std::remove_if(entries_.begin(), entries_.end(), matches), entries_.end());
  }

 private:
  // Makes the thread look at its entries again. Under mutex_.
  void poke() {
    control_.fetch_add(1);
    syscall(SYS_futex, &control_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }

  // Tells of all entries that look free and forgets them; lists the words to sleep on. Under mutex_.
  void look(std::vector<WaitWord>* words) {
    words->clear();
    words->push_back({control_.load(), reinterpret_cast<uint64_t>(&control_), WAIT_32_BIT, 0});
    size_t kept = 0;
    for (const Watched& entry : entries_) {
      // First say that somebody watches, then look: see LockWord::wake.
      const uint32_t value = entry.lock->wake.fetch_or(WAKE_WATCHED) | WAKE_WATCHED;
      if (mutex_owner_tid(&entry.lock->mutex) == 0) {
        entry.listener->lock_looks_free(entry.token);
        continue;
      }
      entries_[kept++] = entry;
      if (words->size() < WAIT_LIMIT) words->push_back({value, reinterpret_cast<uint64_t>(&entry.lock->wake), WAIT_32_BIT, 0});
    }
    entries_.resize(kept);
  }

  void run() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are for the threads that expect them
    pthread_setname_np(pthread_self(), "sharedctypes");
    std::vector<WaitWord> words;
    for (;;) {
      bool idle;
      {
        std::lock_guard<std::mutex> guard(mutex_);
        look(&words);
        idle = entries_.empty();
      }
      sleep(words, idle);
    }
  }

  void sleep(const std::vector<WaitWord>& words, bool idle) {
    timespec tick;
    clock_gettime(CLOCK_MONOTONIC, &tick);
    tick.tv_nsec += WATCH_TICK_MS * 1000000;
    if (tick.tv_nsec >= 1000000000) {
      tick.tv_nsec -= 1000000000;
      ++tick.tv_sec;
    }
    if (!idle && syscall(SYS_futex_waitv, words.data(), words.size(), 0, &tick, CLOCK_MONOTONIC) >= 0) return;
    if (!idle && errno != ENOSYS && errno != EPERM) return;
    // Nothing watched, or a kernel (or a sandbox) without futex_waitv: sleep on the control word alone.
    const timespec span = {0, WATCH_TICK_MS * 1000000};
    syscall(SYS_futex, &control_, FUTEX_WAIT, static_cast<uint32_t>(words[0].value), idle ? nullptr : &span, nullptr, 0);
  }

  std::mutex mutex_;
  std::vector<Watched> entries_;
  bool started_ = false;
  std::atomic<uint32_t> control_{0};
};

Watcher& watcher() {
  static auto* instance = new Watcher();  // its thread runs until the process ends
  return *instance;
}

}  // namespace

void watch(LockWord* lock, WatchListener* listener, uint32_t token) {
  watcher().add({lock, listener, token});
}

void unwatch(WatchListener* listener, uint32_t token) {
  watcher().remove_if([=](const Watched& entry) { return entry.listener == listener && entry.token == token; });
}

void unwatch_all(WatchListener* listener) {
  watcher().remove_if([=](const Watched& entry) { return entry.listener == listener; });
}

}  // namespace sharedctypes
