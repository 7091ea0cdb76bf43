#include "waits.h"

#include "../core/registry.h"
#include "plain.h"

namespace sharedctypes {

const Segment* segment_in(const ThreadState* state) {
  std::lock_guard<std::mutex> guard(registry_mutex());
  return registry_at(static_cast<uint32_t>(state->regs[0]));  // stays while the caller's object is open
}

WaitKey key_in(const ThreadState* state) {
  const Segment* segment = segment_in(state);
  const auto parked = static_cast<uint64_t>(state->regs[2]);
  return {segment, static_cast<uint64_t>(state->regs[1]),
          parked == 0 ? nullptr : reinterpret_cast<std::atomic<uint32_t>*>(segment->base() + parked)};
}

uint32_t record_in(const ThreadState* state) {
  return state->regs[3] < 0 ? NO_RECORD : static_cast<uint32_t>(state->regs[3]);
}

void begin_waiting(ThreadState* state, const WaitKey& key, uint32_t record, bool at_barrier) {
  state->waiting.push_back({key, record, at_barrier});
}

void end_waiting(ThreadState* state, const Segment* segment, uint32_t record) {
  for (Waiting& each : state->waiting) {
    if (each.key.segment != segment || each.record != record) continue;
    each = state->waiting.back();
    state->waiting.pop_back();
    return;
  }
}

namespace {

// In: regs[4]: offset of a 32-bit word that must have the value regs[5] (0: none). Out: regs[0] as enum Parked, regs[3] the record.
void WaitPark() {
  ThreadState* state = thread_state;
  const WaitKey key = key_in(state);
  uint32_t record = record_in(state);
  const bool fresh = record == NO_RECORD;
  const auto word = static_cast<uint64_t>(state->regs[4]);
  const Parked parked = park(key, word == 0 ? nullptr : reinterpret_cast<std::atomic<uint32_t>*>(key.segment->base() + word),
                             static_cast<uint32_t>(state->regs[5]), &record);
  if (parked == Parked::waiting && fresh) begin_waiting(state, key, record);
  state->regs[0] = static_cast<double>(parked);
  state->regs[3] = record == NO_RECORD ? -1 : record;
}

// In: regs[4]: ms at most. Out: regs[0]: 1 if something is granted.
void WaitSleep() {
  ThreadState* state = thread_state;
  const Segment* segment = segment_in(state);
  park_sleep(segment, record_in(state), static_cast<int64_t>(state->regs[4] * 1e6), nullptr);
  state->regs[0] = park_granted(segment, record_in(state)) > 0 ? 1 : 0;
}

// Uses up what was granted. Out: regs[0]: to how many waits; regs[3]: the record, -1 if it stands for no wait any more.
void WaitTake() {
  ThreadState* state = thread_state;
  const WaitKey key = key_in(state);
  const uint32_t record = record_in(state);
  bool freed;
  state->regs[0] = park_take(key, record, &freed);
  if (freed) {
    end_waiting(state, key.segment, record);
    state->regs[3] = -1;
  }
}

// One wait less. Out: regs[0]: 1 if it had been granted; regs[3]: as above.
void WaitLeave() {
  ThreadState* state = thread_state;
  const WaitKey key = key_in(state);
  const uint32_t record = record_in(state);
  bool freed;
  state->regs[0] = park_leave(key, record, &freed) ? 1 : 0;
  if (freed) {
    end_waiting(state, key.segment, record);
    state->regs[3] = -1;
  }
}

// What was granted so far counts for nothing; waits on.
void WaitAgain() {
  park_again(segment_in(thread_state), record_in(thread_state));
}

void WaitTend() {
  park_tend(key_in(thread_state));
}

// In: regs[4]: how many, -1: all. Out: regs[0]: how many were woken.
void Unpark() {
  ThreadState* state = thread_state;
  state->regs[0] = unpark(key_in(state), state->regs[4] < 0 ? ALL : static_cast<uint32_t>(state->regs[4]));
}

}  // namespace

void export_waits(Napi::Env env, Napi::Object exports) {
  plain<WaitPark>(env, exports, "waitPark");
  plain<WaitSleep>(env, exports, "waitSleep");
  plain<WaitTake>(env, exports, "waitTake");
  plain<WaitLeave>(env, exports, "waitLeave");
  plain<WaitAgain>(env, exports, "waitAgain");
  plain<WaitTend>(env, exports, "waitTend");
  plain<Unpark>(env, exports, "unpark");
}

}  // namespace sharedctypes
