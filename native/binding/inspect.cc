#include "inspect.h"

#include <cstring>
#include <ctime>

#include "../core/inspect.h"
#include "../core/rwlock.h"
#include "errors.h"

namespace sharedctypes {

namespace {

Napi::Array users_of(Napi::Env env, const Inspection& seen) {
  Napi::Array users = Napi::Array::New(env, seen.users.size());
  uint32_t at = 0;
  for (const SeenUser& each : seen.users) {
    Napi::Object user = Napi::Object::New(env);
    user.Set("pid", each.pid);
    user.Set("alive", each.alive);
    user.Set("held", each.held);
    users.Set(at++, user);
  }
  return users;
}

Napi::Object lock_of(Napi::Env env, const Inspection& seen) {
  Napi::Object lock = Napi::Object::New(env);
  lock.Set("tid", seen.owner_tid);
  lock.Set("pid", seen.owner & OWNER_PID_MASK);
  lock.Set("flow", Napi::Boolean::New(env, (seen.owner & OWNER_FLOW) != 0));
  lock.Set("ownerDied", Napi::Boolean::New(env, seen.owner_died));
  return lock;
}

void set_state(Napi::Env env, const Inspection& seen, Napi::Object report) {
  const auto flag = [&](const char* name, bool value) { report.Set(name, Napi::Boolean::New(env, value)); };
  switch (seen.header.object_kind) {
    case OBJECT_BOUNDED_SEMAPHORE:
      report.Set("bound", seen.bound);
      [[fallthrough]];
    case OBJECT_SEMAPHORE:
      report.Set("value", seen.value);
      break;
    case OBJECT_RWLOCK:
      report.Set("readers", seen.value & RW_READERS);
      flag("writerWaits", (seen.value & RW_WAITS) != 0);
      flag("writerInside", (seen.value & RW_INSIDE) != 0);
      break;
    case OBJECT_EVENT:
      flag("set", (seen.value & 1) != 0);
      break;
    case OBJECT_BARRIER:
      report.Set("parties", seen.bound);
      flag("broken", seen.value != 0);
      break;
    default:
      break;
  }
  if (seen.header.object_kind >= OBJECT_SEMAPHORE) report.Set("waiting", seen.waiting);
}

void set_segment(Napi::Env env, const Inspection& seen, Napi::Object report) {
  const SegmentHeader& header = seen.header;
  const size_t name = strnlen(header.type_name, sizeof header.type_name);
  report.Set("objectKind", header.object_kind);
  report.Set("lockKind", header.lock_kind);
  report.Set("type", header.type);
  report.Set("typeName", Napi::String::New(env, std::string(header.type_name, name)));
  report.Set("length", static_cast<double>(header.length));
  report.Set("elementSize", static_cast<double>(header.element_size));
  report.Set("dataOffset", static_cast<double>(header.data_offset));
  report.Set("semaphoreFile", Napi::Boolean::New(env, seen.semaphore_file));
  report.Set("creator", header.creator_pid);
  report.Set("users", users_of(env, seen));
  if (header.segment_kind == SEGMENT_ARENA) report.Set("objects", seen.objects);
  if (header.lock_offset != 0) report.Set("lock", lock_of(env, seen));
  set_state(env, seen, report);
}

// inspectFile(fd)
Napi::Value InspectFile(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Inspection seen;
  check(env, inspect_file(info[0].As<Napi::Number>().Int32Value(), &seen));
  Napi::Object report = Napi::Object::New(env);
  switch (seen.found) {
    case Inspection::Found::no_segment:
      report.Set("found", "other");
      break;
    case Inspection::Found::plain_semaphore:
      report.Set("found", "plain semaphore");
      report.Set("value", seen.value);
      break;
    case Inspection::Found::damaged:
      report.Set("found", "damaged");
      report.Set("fault", seen.fault);
      break;
    case Inspection::Found::segment:
      report.Set("found", seen.header.segment_kind == SEGMENT_ARENA ? "arena" : "object");
      set_segment(env, seen, report);
      break;
  }
  return report;
}

// sinceBoot()
Napi::Value SinceBoot(const Napi::CallbackInfo& info) {
  timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return Napi::Number::New(info.Env(), static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6);
}

}  // namespace

void export_inspect(Napi::Env env, Napi::Object exports) {
  exports.Set("inspectFile", Napi::Function::New(env, InspectFile, "inspectFile"));
  exports.Set("sinceBoot", Napi::Function::New(env, SinceBoot, "sinceBoot"));
}

}  // namespace sharedctypes
