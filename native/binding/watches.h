// Asynchronous waits: what the watcher is told to look at, and how its word comes back.
#ifndef SHAREDCTYPES_BINDING_WATCHES_H
#define SHAREDCTYPES_BINDING_WATCHES_H

#include <napi.h>

namespace sharedctypes {

void export_watches(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
