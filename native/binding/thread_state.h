// What the addon keeps for each JavaScript thread (a Node environment runs on one thread, and a thread runs one environment).
#ifndef SHAREDCTYPES_BINDING_THREAD_STATE_H
#define SHAREDCTYPES_BINDING_THREAD_STATE_H

#include <napi.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "../core/layout.h"
#include "../core/parking.h"
#include "../core/status.h"

namespace sharedctypes {

class ReadyQueue;

// A place in a line that a thread has: given back if the thread ends first.
struct Waiting {
  WaitKey key;
  uint32_t record;
  bool at_barrier;
};

// A recursive lock that this thread holds more than once. Depth lives here, not in shared memory: it matters to its owner alone.
struct Recursion {
  LockWord* lock;
  uint32_t extra;
};

struct ThreadState {
  // Arguments and answers of the functions without arguments; typings/native.d.ts says what goes where. JavaScript sees it as a
  // Float64Array.
  double regs[16] = {};
  uint32_t tid = 0;
  uint32_t pid = 0;
  uint32_t held = 0;  // locks that this thread holds
  std::vector<Recursion> recursions;
  // What is open in this environment, by segment << 32 | block: given back when the environment ends without closing it.
  std::unordered_map<uint64_t, uint32_t> open;
  // Raw blocks, by number: likewise.
  std::unordered_set<uint32_t> raw_blocks;
  // What is kept for processes that have not opened it yet, each as often as it is: likewise.
  std::unordered_multiset<uint64_t> kept;
  std::unordered_multiset<uint32_t> raw_kept;
  std::vector<Waiting> waiting;
  // RWLocks that this thread reads under, each as often as it does so. The ledger knows processes only; what a thread reads ends with it.
  std::vector<Ledger*> reads;
  Status last_error;  // of a function without arguments; rethrown by throwLastError()
  std::vector<std::unique_ptr<ReadyQueue>> ready;

  ThreadState();
  ~ThreadState();
};

#if defined(__GLIBC__)
// Two instructions instead of a call. glibc keeps room in the static TLS block for libraries loaded late; musl does not.
#define SHAREDCTYPES_TLS __attribute__((tls_model("initial-exec")))
#else
#define SHAREDCTYPES_TLS
#endif
extern thread_local ThreadState* thread_state SHAREDCTYPES_TLS;

// Closes what threads left open that ended while they held its lock. With registry_mutex() held, before something is made or opened.
void close_orphans();

// Ends this thread's reads of what lies between two addresses. With registry_mutex() held.
void end_reads(ThreadState* state, const Segment* segment, const char* begin, const char* end);
// Takes this thread's records out of the lines for what lies there.
void end_waits(ThreadState* state, const Segment* segment, const char* begin, const char* end);

// Makes the state of this thread on first use, and has it cleaned up with the environment.
ThreadState* ensure_thread_state(Napi::Env env);

}  // namespace sharedctypes

#endif
