// Functions of V8's own, made without Node-API.
#ifndef SHAREDCTYPES_BINDING_DIRECT_FUNCTION_H
#define SHAREDCTYPES_BINDING_DIRECT_FUNCTION_H

#include <node_api.h>

namespace sharedctypes {

// A v8::FunctionCallback, or what V8's fast calls call. What it is given is not looked at: its layout differs between versions of V8.
using DirectCallback = void (*)(const void* ignored);

// A function that calls it and returns undefined; nullptr where this Node has not what it takes, or SHAREDCTYPES_NODE_API_ONLY is set.
// `fast`: optimised code calls it as C calls C. Then it must be short, and not touch JavaScript's heap.
napi_value direct_function(napi_env env, const char* name, DirectCallback callback, bool fast);

}  // namespace sharedctypes

#endif
