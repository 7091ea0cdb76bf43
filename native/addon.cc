// Module start: checks the platform, pins the library, exports the functions that typings/native.d.ts declares.
#include <dlfcn.h>
#include <napi.h>

#include "binding/barriers.h"
#include "binding/floats.h"
#include "binding/inspect.h"
#include "binding/locks.h"
#include "binding/managers.h"
#include "binding/memory.h"
#include "binding/raw_blocks.h"
#include "binding/rwlocks.h"
#include "binding/semaphores.h"
#include "binding/thread_state.h"
#include "binding/waits.h"
#include "binding/watches.h"
#include "core/mutex.h"

namespace {

// A worker thread that alone loaded the addon unloads it when it exits, under finalizers, thread-locals and a watcher that still run.
void pin_library() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&pin_library), &info) != 0) dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE | RTLD_NOLOAD);
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (sharedctypes::mutex_futex_offset() != sharedctypes::MUTEX_FUTEX_OFFSET) {
    throw Napi::Error::New(env, "sharedctypes: this C library keeps a mutex's owner where the build did not expect it");
  }
  pin_library();
  sharedctypes::ThreadState* state = sharedctypes::ensure_thread_state(env);
  exports.Set("regs", Napi::Float64Array::New(env, 16, Napi::ArrayBuffer::New(env, state->regs, sizeof state->regs), 0));
  sharedctypes::export_barriers(env, exports);
  sharedctypes::export_floats(env, exports);
  sharedctypes::export_inspect(env, exports);
  sharedctypes::export_locks(env, exports);
  sharedctypes::export_managers(env, exports);
  sharedctypes::export_memory(env, exports);
  sharedctypes::export_raw_blocks(env, exports);
  sharedctypes::export_rwlocks(env, exports);
  sharedctypes::export_semaphores(env, exports);
  sharedctypes::export_waits(env, exports);
  sharedctypes::export_watches(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(sharedctypes, Init)
