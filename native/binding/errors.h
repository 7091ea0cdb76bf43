// From a core Status to the exception that JavaScript sees.
#ifndef SHAREDCTYPES_BINDING_ERRORS_H
#define SHAREDCTYPES_BINDING_ERRORS_H

#include <napi.h>

#include "../core/status.h"

namespace sharedctypes {

// A failed system call becomes an Error with Node's own properties (code, errno, syscall, path). A refusal of ours becomes an Error whose
// code lib/memory turns into the class it stands for.
Napi::Error error_of(Napi::Env env, const Status& status);
[[noreturn]] void throw_status(Napi::Env env, const Status& status);

inline void check(Napi::Env env, const Status& status) {
  if (!status.ok()) throw_status(env, status);
}

}  // namespace sharedctypes

#endif
