// Functions without arguments, as the addon exports them: not through node-addon-api, which would wrap each call.
#ifndef SHAREDCTYPES_BINDING_PLAIN_H
#define SHAREDCTYPES_BINDING_PLAIN_H

#include <napi.h>

namespace sharedctypes {

inline void plain(Napi::Env env, Napi::Object exports, const char* name, napi_callback function) {
  napi_value value;
  NAPI_THROW_IF_FAILED_VOID(env, napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value));
  exports.Set(name, value);
}

}  // namespace sharedctypes

#endif
