// Barriers for JavaScript.
#ifndef SHAREDCTYPES_BINDING_BARRIERS_H
#define SHAREDCTYPES_BINDING_BARRIERS_H

#include <napi.h>

namespace sharedctypes {

void export_barriers(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
