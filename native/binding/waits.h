// Waiting in line and waking others: the part that Conditions, Events and Values share.
//
// regs of all functions here: 0 segment, 1 key (an offset in the segment), 2 offset of the word that counts its records (0: none), 3 record
// (-1: none).
#ifndef SHAREDCTYPES_BINDING_WAITS_H
#define SHAREDCTYPES_BINDING_WAITS_H

#include <napi.h>

#include "../core/parking.h"
#include "thread_state.h"

namespace sharedctypes {

const Segment* segment_in(const ThreadState* state);
WaitKey key_in(const ThreadState* state);
uint32_t record_in(const ThreadState* state);

// Remembers a place in a line, or forgets it, so that it goes with the thread.
void begin_waiting(ThreadState* state, const WaitKey& key, uint32_t record, bool at_barrier = false);
void end_waiting(ThreadState* state, const Segment* segment, uint32_t record);

void export_waits(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
