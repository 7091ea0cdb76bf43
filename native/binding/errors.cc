#include "errors.h"

#include <cstring>

namespace sharedctypes {

namespace {

const char* name_of(int error) {
  switch (error) {
#define NAME(code) \
  case code:       \
    return #code;
    NAME(EACCES)
    NAME(EAGAIN)
    NAME(EBADF)
    NAME(EEXIST)
    NAME(EFBIG)
    NAME(EINVAL)
    NAME(EISDIR)
    NAME(ELOOP)
    NAME(EMFILE)
    NAME(ENAMETOOLONG)
    NAME(ENFILE)
    NAME(ENODEV)
    NAME(ENOENT)
    NAME(ENOMEM)
    NAME(ENOSPC)
    NAME(ENOSYS)
    NAME(ENOTDIR)
    NAME(ENXIO)
    NAME(EOPNOTSUPP)
    NAME(EPERM)
    NAME(EROFS)
    NAME(ESRCH)
#undef NAME
    default:
      return nullptr;
  }
}

}  // namespace

Napi::Error error_of(Napi::Env env, const Status& status) {
  if (status.problem != Problem::system) {
    Napi::Error error = Napi::Error::New(env, status.detail);
    error.Set("code", status.problem == Problem::stale ? "ERR_STALE_HANDLE" : "ERR_TYPE_MISMATCH");
    return error;
  }
  const char* known = name_of(status.error);
  const std::string code = known != nullptr ? known : "E" + std::to_string(status.error);
  std::string message = code + ": " + strerror(status.error) + ", " + status.syscall;
  if (!status.path.empty()) message += " '" + status.path + "'";
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", code);
  error.Set("errno", Napi::Number::New(env, -status.error));
  error.Set("syscall", status.syscall);
  if (!status.path.empty()) error.Set("path", status.path);
  return error;
}

void throw_status(Napi::Env env, const Status& status) {
  throw error_of(env, status);
}

}  // namespace sharedctypes
