// RWLocks for JavaScript: the readers, and what a writer does beyond the mutex.
#ifndef SHAREDCTYPES_BINDING_RWLOCKS_H
#define SHAREDCTYPES_BINDING_RWLOCKS_H

#include <napi.h>

namespace sharedctypes {

void export_rwlocks(Napi::Env env, Napi::Object exports);

}  // namespace sharedctypes

#endif
