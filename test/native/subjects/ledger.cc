// The ledger: a number, and what each slot has of it, held against a model and changed by many at once.
#include "../../../native/core/ledger.h"

#include "../support/harness.h"
#include "../support/threads.h"

using namespace native_test;
using namespace sharedctypes;

namespace {

struct Own {
  Ledger ledger = {};
  LedgerAt at{&ledger.word, &ledger};
  explicit Own(uint32_t value) { ledger.word.store(Fields::make(0, value, 0, 0, 1)); }
  Moved take(uint32_t slot) {
    return ledger_move(at, slot, 1, [](uint32_t old, uint32_t* value) {
      *value = old - 1;
      return old != 0;
    });
  }
  Moved give(uint32_t slot) {
    return ledger_move(at, slot, -1, [](uint32_t old, uint32_t* value) {
      *value = old + 1;
      return true;
    });
  }
  uint32_t value() const { return Fields::value(ledger.word.load()); }
};

}  // namespace

TEST("ledger: the fields of its word") {
  for (int pending = Fields::LEAST; pending <= Fields::MOST; ++pending) {
    for (const uint32_t slot : {0u, 1u, 62u, 63u}) {
      for (const uint32_t era : {0u, 1u, 511u}) {
        const uint64_t sleepers = uint64_t{0xabc} << 32;
        const uint64_t word = Fields::make(sleepers | 77, 0xfffffffe, slot, pending, era);
        CHECK_EQUAL(Fields::value(word), 0xfffffffe);
        CHECK_EQUAL(Fields::slot(word), slot);
        CHECK_EQUAL(Fields::pending(word), pending);
        CHECK_EQUAL(Fields::era(word), era);
        CHECK_EQUAL(word & Fields::SLEEPERS, sleepers);
        CHECK(!(word & Fields::FROZEN));
        CHECK_EQUAL(Fields::pending(Fields::with_pending(word, -pending - 1)), -pending - 1);
      }
    }
  }
}

TEST("ledger: random changes, held against a model") {
  Random random;
  constexpr uint32_t PERMITS = 40;
  Own own(PERMITS);
  uint32_t held[SLOTS] = {}, value = PERMITS;
  constexpr int CHANGES = 200000;
  for (int i = 0; i < CHANGES; ++i) {
    const uint32_t slot = random.below(4) == 0 ? random.below(SLOTS) : random.below(3);
    if (random.below(2) == 0) {
      CHECK(own.take(slot) == (value > 0 ? Moved::done : Moved::refused));
      if (value > 0) --value, ++held[slot];
    } else {
      CHECK(own.give(slot) == (held[slot] > 0 ? Moved::done : Moved::none_held));
      if (held[slot] > 0) ++value, --held[slot];
    }
    // A program in C: sem_post and sem_wait, of which the ledger knows nothing.
    if (random.below(8) == 0) own.ledger.word.fetch_add(1), ++value;
    if (random.below(8) == 0 && value > 0) own.ledger.word.fetch_sub(1), --value;
    CHECK_EQUAL(own.value(), value);
    CHECK_EQUAL(ledger_held(own.at, slot), held[slot]);
    if (i % 64 != 0) continue;
    for (uint32_t each = 0; each < SLOTS; ++each) CHECK_EQUAL(ledger_held(own.at, each), held[each]);
  }
  note("%d changes", CHANGES);
}

TEST("ledger: changed by threads of several slots at once") {
  constexpr int THREADS = 6, ROUNDS = 20000;
  Own own(4);
  std::atomic<uint64_t> taken{0};
  in_threads(THREADS, [&](int number) {
    const auto slot = static_cast<uint32_t>(number / 2);  // two threads each
    uint32_t mine = 0;
    for (int i = 0; i < ROUNDS; ++i) {
      if (mine < 2 && own.take(slot) == Moved::done) {
        ++mine;
        taken.fetch_add(1);
      } else if (mine > 0) {
        CHECK(own.give(slot) == Moved::done);
        --mine;
      }
    }
    for (; mine > 0; --mine) CHECK(own.give(slot) == Moved::done);
  });
  CHECK_EQUAL(own.value(), 4);
  CHECK_EQUAL(ledger_held_by_all(own.at), 0);
  note("%llu taken", static_cast<unsigned long long>(taken.load()));
}
