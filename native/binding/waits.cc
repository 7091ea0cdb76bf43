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
napi_value WaitPark(napi_env, napi_callback_info) {
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
  return nullptr;
}

// In: regs[4]: ms at most. Out: regs[0]: 1 if something is granted.
napi_value WaitSleep(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const Segment* segment = segment_in(state);
  park_sleep(segment, record_in(state), static_cast<int64_t>(state->regs[4] * 1e6), nullptr);
  state->regs[0] = park_granted(segment, record_in(state)) > 0 ? 1 : 0;
  return nullptr;
}

// Uses up what was granted. Out: regs[0]: to how many waits; regs[3]: the record, -1 if it stands for no wait any more.
napi_value WaitTake(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const WaitKey key = key_in(state);
  const uint32_t record = record_in(state);
  bool freed;
  state->regs[0] = park_take(key, record, &freed);
  if (freed) {
    end_waiting(state, key.segment, record);
    state->regs[3] = -1;
  }
  return nullptr;
}

// One wait less. Out: regs[0]: 1 if it had been granted; regs[3]: as above.
napi_value WaitLeave(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const WaitKey key = key_in(state);
  const uint32_t record = record_in(state);
  bool freed;
  state->regs[0] = park_leave(key, record, &freed) ? 1 : 0;
  if (freed) {
    end_waiting(state, key.segment, record);
    state->regs[3] = -1;
  }
  return nullptr;
}

// What was granted so far counts for nothing; waits on.
napi_value WaitAgain(napi_env, napi_callback_info) {
  park_again(segment_in(thread_state), record_in(thread_state));
  return nullptr;
}

napi_value WaitTend(napi_env, napi_callback_info) {
  park_tend(key_in(thread_state));
  return nullptr;
}

// In: regs[4]: how many, -1: all. Out: regs[0]: how many were woken.
napi_value Unpark(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  state->regs[0] = unpark(key_in(state), state->regs[4] < 0 ? ALL : static_cast<uint32_t>(state->regs[4]));
  return nullptr;
}

}  // namespace

void export_waits(Napi::Env env, Napi::Object exports) {
  plain(env, exports, "waitPark", WaitPark);
  plain(env, exports, "waitSleep", WaitSleep);
  plain(env, exports, "waitTake", WaitTake);
  plain(env, exports, "waitLeave", WaitLeave);
  plain(env, exports, "waitAgain", WaitAgain);
  plain(env, exports, "waitTend", WaitTend);
  plain(env, exports, "unpark", Unpark);
}

}  // namespace sharedctypes
