#include "barriers.h"

#include "../core/arena.h"
#include "../core/barrier.h"
#include "../core/registry.h"
#include "plain.h"
#include "waits.h"

namespace sharedctypes {

namespace {

// regs of all functions here: 0 segment, 1 offset of the BarrierBody, 3 record. Out: regs[0] as enum Arrival.
Barrier barrier_in(const ThreadState* state) {
  return barrier_at(segment_in(state), static_cast<uint64_t>(state->regs[1]));
}

napi_value say(ThreadState* state, const Barrier& barrier, uint32_t record, Arrival arrival) {
  if (arrival == Arrival::released || arrival == Arrival::broken) end_waiting(state, barrier.key.segment, record);
  state->regs[0] = static_cast<double>(arrival);
  return nullptr;
}

// In: regs[4]: 1 if this caller can run the action. Out: regs[3]: record, regs[4]: index.
napi_value BarrierArrive(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const Barrier barrier = barrier_in(state);
  uint32_t record = NO_RECORD, index = 0;
  const Arrival arrival = barrier_arrive(barrier, state->regs[4] != 0, &record, &index);
  if (record != NO_RECORD) begin_waiting(state, barrier.key, record, true);
  state->regs[3] = record == NO_RECORD ? -1 : record;
  state->regs[4] = index;
  state->regs[0] = static_cast<double>(arrival);
  return nullptr;
}

napi_value BarrierLook(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const Barrier barrier = barrier_in(state);
  return say(state, barrier, record_in(state), barrier_look(barrier, record_in(state)));
}

napi_value BarrierRelease(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const Barrier barrier = barrier_in(state);
  const Arrival arrival = barrier_release(barrier, record_in(state)) ? Arrival::released : Arrival::broken;
  return say(state, barrier, record_in(state), arrival);
}

napi_value BarrierLeave(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const Barrier barrier = barrier_in(state);
  return say(state, barrier, record_in(state), barrier_leave(barrier, record_in(state)));
}

napi_value BarrierBreak(napi_env, napi_callback_info) {
  barrier_break(barrier_in(thread_state));
  return nullptr;
}

napi_value BarrierReset(napi_env, napi_callback_info) {
  barrier_reset(barrier_in(thread_state));
  return nullptr;
}

napi_value BarrierJoin(napi_env, napi_callback_info) {
  barrier_join(barrier_in(thread_state));
  return nullptr;
}

// This process exits in good order: nobody is to take it for killed. Looks at all that this environment has open.
napi_value BarrierResignAll(napi_env, napi_callback_info) {
  std::lock_guard<std::mutex> guard(registry_mutex());
  for (const auto& [key, count] : thread_state->open) {
    const Segment* segment = registry_at(static_cast<uint32_t>(key >> 32));
    const auto block = static_cast<uint32_t>(key);
    BlockContent content;
    if (!segment->is_arena()) {
      if (segment->header()->object_kind == OBJECT_BARRIER)
        barrier_resign(barrier_at(segment, segment->header()->data_offset), segment->slot);
    } else if (arena_content(segment, block, &content) && content.object_kind == OBJECT_BARRIER) {
      const uint64_t offset = arena_shape(segment->size()).blocks_offset + block * UNIT + content.data_offset;
      barrier_resign(barrier_at(segment, offset), segment->slot);
    }
  }
  return nullptr;
}

napi_value BarrierTend(napi_env, napi_callback_info) {
  barrier_tend(barrier_in(thread_state));
  return nullptr;
}

}  // namespace

void export_barriers(Napi::Env env, Napi::Object exports) {
  plain(env, exports, "barrierArrive", BarrierArrive);
  plain(env, exports, "barrierLook", BarrierLook);
  plain(env, exports, "barrierRelease", BarrierRelease);
  plain(env, exports, "barrierLeave", BarrierLeave);
  plain(env, exports, "barrierBreak", BarrierBreak);
  plain(env, exports, "barrierReset", BarrierReset);
  plain(env, exports, "barrierTend", BarrierTend);
  plain(env, exports, "barrierJoin", BarrierJoin);
  plain(env, exports, "barrierResignAll", BarrierResignAll);
}

}  // namespace sharedctypes
