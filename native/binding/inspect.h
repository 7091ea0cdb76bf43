// A file seen from outside, as JavaScript sees it.
#ifndef SHAREDCTYPES_BINDING_INSPECT_H
#define SHAREDCTYPES_BINDING_INSPECT_H

#include <napi.h>

namespace sharedctypes {

void export_inspect(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
