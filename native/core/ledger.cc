#include "ledger.h"

namespace sharedctypes {

bool ledger_enter(const LedgerAt& at, uint64_t* w) {
  if (!(*w & Fields::FROZEN)) {
    if (!at.word->compare_exchange_strong(*w, *w | Fields::FROZEN)) return false;
    *w |= Fields::FROZEN;
  }
  std::atomic<uint64_t>& held = at.ledger->held[Fields::slot(*w)];
  uint64_t entry = held.load();
  // Read before this second look: so it is of the frozen change's time or older, and older ones fail below.
  if ((at.word->load() ^ *w) & Fields::TAG) return false;
  if (static_cast<uint32_t>(entry >> 32) != Fields::era(*w)) {
    const auto count = static_cast<uint32_t>(static_cast<int64_t>(entry & Fields::VALUE) + Fields::pending(*w));
    held.compare_exchange_strong(entry, static_cast<uint64_t>(Fields::era(*w)) << 32 | count);  // fails if somebody else made the entry
  }
  return true;
}

uint32_t ledger_held(const LedgerAt& at, uint32_t slot) {
  for (;;) {
    const uint64_t w = at.word->load();
    const uint64_t entry = at.ledger->held[slot].load();
    if ((at.word->load() ^ w) & Fields::TAG) continue;
    const bool entered = Fields::slot(w) != slot || static_cast<uint32_t>(entry >> 32) == Fields::era(w);
    return static_cast<uint32_t>(static_cast<int64_t>(entry & Fields::VALUE) + (entered ? 0 : Fields::pending(w)));
  }
}

uint64_t ledger_held_by_all(const LedgerAt& at) {
  uint64_t all = 0;
  for (uint32_t slot = 0; slot < SLOTS; ++slot) all += ledger_held(at, slot);
  return all;
}

}  // namespace sharedctypes
