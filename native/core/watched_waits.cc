#include "watched_waits.h"

#include "barrier.h"
#include "event.h"
#include "mutex.h"
#include "rwlock.h"
#include "semaphore.h"

namespace sharedctypes {

namespace {

class WatchedLock : public Watchable {
 public:
  explicit WatchedLock(LockWord* lock) : lock_(lock) {}

  bool ready(WaitWord* words, size_t* count) override {
    // First say that somebody watches, then look: see LockWord::wake.
    const uint32_t value = lock_->wake.fetch_or(WAKE_WATCHED) | WAKE_WATCHED;
    if (mutex_owner_tid(&lock_->mutex) == 0) return true;
    words[0] = wait_word(&lock_->wake, value);
    *count = 1;
    return false;
  }

 private:
  LockWord* lock_;
};

// A record, of which the derived classes know what it waits for.
class WatchedRecord : public Watchable {
 public:
  WatchedRecord(const WaitKey& key, uint32_t record) : key_(key), record_(record) {}

  bool ready(WaitWord* words, size_t* count) override {
    std::atomic<uint32_t>& word = wait_records(key_.segment)[record_].word;
    const uint32_t value = word.fetch_or(1) | 1;
    if (value > 1 || can_go_on()) return true;
    words[0] = wait_word(&word, value);
    *count = 1;
    return false;
  }
  void tend() override { park_tend(key_); }

 protected:
  virtual bool can_go_on() { return false; }
  const WaitKey key_;
  const uint32_t record_;
};

class WatchedEvent : public WatchedRecord {
 public:
  WatchedEvent(const WaitKey& key, uint32_t record, const Event& event, uint32_t seen)
      : WatchedRecord(key, record), event_(event), seen_(seen) {}

 protected:
  bool can_go_on() override { return event_since(event_, seen_); }

 private:
  const Event event_;
  const uint32_t seen_;
};

class WatchedSemaphore : public WatchedRecord {
 public:
  WatchedSemaphore(const WaitKey& key, uint32_t record, const Semaphore& semaphore) : WatchedRecord(key, record), semaphore_(semaphore) {}

  bool ready(WaitWord* words, size_t* count) override {
    if (WatchedRecord::ready(words, count)) return true;
    if (key_.segment->is_semaphore_file()) words[(*count)++] = wait_word(semaphore_.at.word, 0);
    return false;
  }
  void tend() override { semaphore_tend(semaphore_); }

 protected:
  bool can_go_on() override { return Fields::value(semaphore_.at.word->load()) != 0; }

 private:
  const Semaphore semaphore_;
};

class WatchedBarrier : public WatchedRecord {
 public:
  WatchedBarrier(const WaitKey& key, uint32_t record, const Barrier& barrier) : WatchedRecord(key, record), barrier_(barrier) {}
  void tend() override { barrier_tend(barrier_); }

 private:
  const Barrier barrier_;
};

class WatchedRead : public WatchedRecord {
 public:
  WatchedRead(const WaitKey& key, uint32_t record, const RwLock& lock, const LockWord* mutex)
      : WatchedRecord(key, record), lock_(lock), mutex_(mutex) {}

 protected:
  // A writer that died leaves its bits, and a mutex that looks free.
  bool can_go_on() override { return (rwlock_value(lock_) & ~RW_READERS) == 0 || mutex_owner_tid(&mutex_->mutex) == 0; }

 private:
  const RwLock lock_;
  const LockWord* mutex_;
};

class WatchedWrite : public WatchedRecord {
 public:
  WatchedWrite(const WaitKey& key, uint32_t record, const RwLock& lock) : WatchedRecord(key, record), lock_(lock) {}
  void tend() override { rwlock_tend(lock_); }

 protected:
  bool can_go_on() override { return (rwlock_value(lock_) & RW_READERS) == 0; }

 private:
  const RwLock lock_;
};

}  // namespace

std::unique_ptr<Watchable> watched_lock(LockWord* lock) {
  return std::make_unique<WatchedLock>(lock);
}

std::unique_ptr<Watchable> watched_record(WaitKind kind, const WaitKey& key, uint32_t record, uint64_t offset, const LockWord* lock,
                                          uint32_t seen) {
  switch (kind) {
    case WaitKind::event:
      return std::make_unique<WatchedEvent>(key, record, event_at(key.segment, offset), seen);
    case WaitKind::semaphore:
      return std::make_unique<WatchedSemaphore>(key, record, semaphore_at(key.segment, offset));
    case WaitKind::barrier:
      return std::make_unique<WatchedBarrier>(key, record, barrier_at(key.segment, offset));
    case WaitKind::read:
      return std::make_unique<WatchedRead>(key, record, rwlock_at(key.segment, offset), lock);
    case WaitKind::write:
      return std::make_unique<WatchedWrite>(key, record, rwlock_at(key.segment, offset));
    default:
      return std::make_unique<WatchedRecord>(key, record);
  }
}

}  // namespace sharedctypes
