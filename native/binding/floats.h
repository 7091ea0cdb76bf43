// Atomic operations on floating-point numbers, which JavaScript's Atomics lacks.
#ifndef SHAREDCTYPES_BINDING_FLOATS_H
#define SHAREDCTYPES_BINDING_FLOATS_H

#include <napi.h>

namespace sharedctypes {

void export_floats(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
