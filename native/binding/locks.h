// The functions that JavaScript calls to lock and unlock: without arguments, because a call with them costs half as much again.
#ifndef SHAREDCTYPES_BINDING_LOCKS_H
#define SHAREDCTYPES_BINDING_LOCKS_H

#include <napi.h>

namespace sharedctypes {

void export_locks(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
