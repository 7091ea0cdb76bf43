#include "watcher.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

namespace sharedctypes {

namespace {

constexpr size_t WORDS_EACH = 2;
constexpr int64_t TICK_NS = WATCH_TICK_MS * 1000000;

struct Watched {
  std::unique_ptr<Watchable> what;
  WatchListener* listener;
  uint32_t token;
};

class Watcher {
 public:
  void add(Watched entry) {
    std::lock_guard<std::mutex> guard(mutex_);
    entries_.push_back(std::move(entry));
    if (!started_) {
      started_ = true;
      std::thread([this] { run(); }).detach();
    }
    // Makes the thread look at its entries again.
    control_.fetch_add(1);
    futex_wake(&control_, 1);
  }

  template <typename Matches>
  void remove_if(Matches matches) {
    std::lock_guard<std::mutex> guard(mutex_);
    entries_.erase(std::remove_if(entries_.begin(), entries_.end(), matches), entries_.end());
  }

 private:
  // Tells of all entries that look ready and forgets them; lists the words to sleep on. Under mutex_.
  void look(bool tend, std::vector<WaitWord>* words) {
    words->clear();
    words->push_back(wait_word(&control_, control_.load()));
    size_t kept = 0;
    for (Watched& entry : entries_) {
      WaitWord own[WORDS_EACH];
      size_t count = 0;
      if (tend) entry.what->tend();
      if (entry.what->ready(own, &count)) {
        entry.listener->looks_ready(entry.token);
        continue;
      }
      if (words->size() + count <= WAIT_LIMIT) words->insert(words->end(), own, own + count);
      if (&entries_[kept] != &entry) entries_[kept] = std::move(entry);
      ++kept;
    }
    entries_.resize(kept);
  }

  void run() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are for the threads that expect them
    pthread_setname_np(pthread_self(), "sharedctypes");
    std::vector<WaitWord> words;
    timespec tended = now();
    for (;;) {
      bool idle;
      {
        std::lock_guard<std::mutex> guard(mutex_);
        const bool tick = nanoseconds_since(tended) >= TICK_NS;
        if (tick) tended = now();
        look(tick, &words);
        idle = entries_.empty();
      }
      // Nothing watched, or a kernel (or a sandbox) without futex_waitv: sleep on the control word alone.
      if (idle || !futex_wait_any(words.data(), words.size(), TICK_NS)) {
        futex_wait(&control_, static_cast<uint32_t>(words[0].value), idle ? -1 : TICK_NS);
      }
    }
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

void watch(std::unique_ptr<Watchable> what, WatchListener* listener, uint32_t token) {
  watcher().add({std::move(what), listener, token});
}

void unwatch(WatchListener* listener, uint32_t token) {
  watcher().remove_if([=](const Watched& entry) { return entry.listener == listener && entry.token == token; });
}

void unwatch_all(WatchListener* listener) {
  watcher().remove_if([=](const Watched& entry) { return entry.listener == listener; });
}

}  // namespace sharedctypes
