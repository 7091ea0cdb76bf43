// SharedMemoryManagers: the helper processes that JavaScript starts and ends.
#ifndef SHAREDCTYPES_BINDING_MANAGERS_H
#define SHAREDCTYPES_BINDING_MANAGERS_H

#include <napi.h>

namespace sharedctypes {

void export_managers(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
