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

void say(ThreadState* state, const Barrier& barrier, uint32_t record, Arrival arrival) {
  if (arrival == Arrival::released || arrival == Arrival::broken) end_waiting(state, barrier.key.segment, record);
  state->regs[0] = static_cast<double>(arrival);
}

// In: regs[4]: 1 if this caller can run the action. Out: regs[3]: record, regs[4]: index.
void BarrierArrive() {
  ThreadState* state = thread_state;
  const Barrier barrier = barrier_in(state);
  uint32_t record = NO_RECORD, index = 0;
  const Arrival arrival = barrier_arrive(barrier, state->regs[4] != 0, &record, &index);
  if (record != NO_RECORD) begin_waiting(state, barrier.key, record, true);
  state->regs[3] = record == NO_RECORD ? -1 : record;
  state->regs[4] = index;
  state->regs[0] = static_cast<double>(arrival);
}

void BarrierLook() {
  ThreadState* state = thread_state;
  const Barrier barrier = barrier_in(state);
  say(state, barrier, record_in(state), barrier_look(barrier, record_in(state)));
}

void BarrierRelease() {
  ThreadState* state = thread_state;
  const Barrier barrier = barrier_in(state);
  const Arrival arrival = barrier_release(barrier, record_in(state)) ? Arrival::released : Arrival::broken;
  say(state, barrier, record_in(state), arrival);
}

void BarrierLeave() {
  ThreadState* state = thread_state;
  const Barrier barrier = barrier_in(state);
  say(state, barrier, record_in(state), barrier_leave(barrier, record_in(state)));
}

void BarrierBreak() {
  barrier_break(barrier_in(thread_state));
}

void BarrierReset() {
  barrier_reset(barrier_in(thread_state));
}

void BarrierJoin() {
  barrier_join(barrier_in(thread_state));
}

// This process exits in good order: nobody is to take it for killed. Looks at all that this environment has open.
void BarrierResignAll() {
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
}

void BarrierTend() {
  barrier_tend(barrier_in(thread_state));
}

}  // namespace

void export_barriers(Napi::Env env, Napi::Object exports) {
  plain<BarrierArrive>(env, exports, "barrierArrive");
  plain<BarrierLook>(env, exports, "barrierLook");
  plain<BarrierRelease>(env, exports, "barrierRelease");
  plain<BarrierLeave>(env, exports, "barrierLeave");
  plain<BarrierBreak>(env, exports, "barrierBreak");
  plain<BarrierReset>(env, exports, "barrierReset");
  plain<BarrierTend>(env, exports, "barrierTend");
  plain<BarrierJoin>(env, exports, "barrierJoin");
  plain<BarrierResignAll>(env, exports, "barrierResignAll");
}

}  // namespace sharedctypes
