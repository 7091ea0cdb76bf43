#include "managers.h"

#include "../core/leases.h"
#include "../core/manager.h"
#include "errors.h"

namespace sharedctypes {

namespace {

// The environment ends without having ended its manager: a worker thread that was terminated. (Of a process that exits, JavaScript's own
// exit listener ends them.) Without this the helper would stay a zombie until the process ends.
void clean_up(void* manager) {
  delete static_cast<Manager*>(manager);
}

Manager* manager_in(const Napi::CallbackInfo& info) {
  return info[0].As<Napi::External<Manager>>().Data();
}

// startManager(program)
Napi::Value StartManager(const Napi::CallbackInfo& info) {
  std::unique_ptr<Manager> manager;
  int socket;
  check(info.Env(), Manager::start(info[0].As<Napi::String>(), &manager, &socket));
  Napi::Object started = Napi::Object::New(info.Env());
  started.Set("pid", manager->pid());
  started.Set("socket", socket);
  started.Set("manager", Napi::External<Manager>::New(info.Env(), manager.get()));
  napi_add_env_cleanup_hook(info.Env(), clean_up, manager.release());
  return started;
}

// recordManaged(manager, name, inode, device)
Napi::Value RecordManaged(const Napi::CallbackInfo& info) {
  Manager* manager = manager_in(info);
  if (!manager->alive()) return Napi::Boolean::New(info.Env(), false);
  const auto number = [&](size_t i) { return static_cast<uint64_t>(info[i].As<Napi::Number>().DoubleValue()); };
  check(info.Env(), manager->record(info[1].As<Napi::String>(), number(2), number(3)));
  return Napi::Boolean::New(info.Env(), true);
}

// endManager(manager)
Napi::Value EndManager(const Napi::CallbackInfo& info) {
  Manager* manager = manager_in(info);
  napi_remove_env_cleanup_hook(info.Env(), clean_up, manager);
  delete manager;
  leases_tend();  // of its blocks that are closed already
  return info.Env().Undefined();
}

}  // namespace

void export_managers(Napi::Env env, Napi::Object exports) {
  exports.Set("startManager", Napi::Function::New(env, StartManager, "startManager"));
  exports.Set("recordManaged", Napi::Function::New(env, RecordManaged, "recordManaged"));
  exports.Set("endManager", Napi::Function::New(env, EndManager, "endManager"));
}

}  // namespace sharedctypes
