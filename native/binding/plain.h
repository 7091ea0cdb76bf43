// Functions without arguments, as the addon exports them: they read what they need from regs, and leave their answer there.
//
// A Node-API function costs twice what a call costs V8: Node opens and closes a scope around it that these have no use for. So they are V8
// functions where V8 lets us make them (direct_function.h), and Node-API ones elsewhere; docs/adr/0026-direct-functions.md.
#ifndef SHAREDCTYPES_BINDING_PLAIN_H
#define SHAREDCTYPES_BINDING_PLAIN_H

#include <napi.h>

#include "direct_function.h"

namespace sharedctypes {

template <void (*function)(), bool fast = false>
void plain(Napi::Env env, Napi::Object exports, const char* name) {
  napi_value value = direct_function(
      env, name, [](const void*) { function(); }, fast);
  if (value == nullptr) {
    const napi_callback callback = [](napi_env, napi_callback_info) -> napi_value {
      function();
      return nullptr;
    };
    NAPI_THROW_IF_FAILED_VOID(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &value));
  }
  exports.Set(name, value);
}

// The hot ones, which never wait.
template <void (*function)()>
void hot(Napi::Env env, Napi::Object exports, const char* name) {
  plain<function, true>(env, exports, name);
}

}  // namespace sharedctypes

#endif
