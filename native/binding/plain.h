// Functions without arguments, as the addon exports them: not through node-addon-api, which would wrap each call.
#ifndef SHAREDCTYPES_BINDING_PLAIN_H
#define SHAREDCTYPES_BINDING_PLAIN_H

#include <napi.h>

namespace sharedctypes {

// The answer of functions whose usual one is undefined, which costs nothing: what there is to say stands in regs.
inline napi_value yes(napi_env env) {
  napi_value value;
  return napi_get_boolean(env, true, &value) == napi_ok ? value : nullptr;
}

inline void plain(Napi::Env env, Napi::Object exports, const char* name, napi_callback function) {
  napi_value value;
  NAPI_THROW_IF_FAILED_VOID(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value));
  exports.Set(name, value);
}

}  // namespace sharedctypes

#endif
