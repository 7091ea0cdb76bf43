// Segments and objects, as JavaScript makes, opens, sees and closes them.
#ifndef SHAREDCTYPES_BINDING_MEMORY_H
#define SHAREDCTYPES_BINDING_MEMORY_H

#include <napi.h>

namespace sharedctypes {

void export_memory(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
