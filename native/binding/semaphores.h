// Semaphores for JavaScript.
#ifndef SHAREDCTYPES_BINDING_SEMAPHORES_H
#define SHAREDCTYPES_BINDING_SEMAPHORES_H

#include <napi.h>

namespace sharedctypes {

void export_semaphores(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
