#include "raw_blocks.h"

#include <unistd.h>

#include "../core/orphans.h"
#include "../core/raw_block.h"
#include "../core/shm_file.h"
#include "errors.h"
#include "plain.h"
#include "thread_state.h"

namespace sharedctypes {

namespace {

// Counts a block as open in this environment and says in regs: 0 number, 1 address, 2 size, 3 descriptor, 4 inode, 5 device.
void say(std::unique_ptr<RawBlock> block) {
  double* regs = thread_state->regs;
  regs[1] = static_cast<double>(reinterpret_cast<uintptr_t>(block->base));
  regs[2] = static_cast<double>(block->size);
  regs[3] = block->fd;
  regs[4] = static_cast<double>(block->inode);
  regs[5] = static_cast<double>(block->device);
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  const uint32_t number = raw_add(std::move(block));
  thread_state->raw_blocks.insert(number);
  regs[0] = number;
}

// rawCreate(size)
Napi::Value RawCreate(const Napi::CallbackInfo& info) {
  sweep_if_due();
  std::unique_ptr<RawBlock> block;
  check(info.Env(), raw_create(static_cast<uint64_t>(info[0].As<Napi::Number>().DoubleValue()), &block));
  say(std::move(block));
  return info.Env().Undefined();
}

// rawName(number, attempt): a name for it that says that it is our choice. Each attempt gives another one, the last undefined.
Napi::Value RawName(const Napi::CallbackInfo& info) {
  const uint32_t attempt = info[1].As<Napi::Number>().Uint32Value();
  if (attempt >= SALTS) return info.Env().Undefined();
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  return Napi::String::New(info.Env(), automatic_name(raw_at(info[0].As<Napi::Number>().Uint32Value())->inode, attempt));
}

// rawPublish(number, name)
Napi::Value RawPublish(const Napi::CallbackInfo& info) {
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  RawBlock* block = raw_at(info[0].As<Napi::Number>().Uint32Value());
  check(info.Env(), raw_publish(block, info[1].As<Napi::String>()));
  return info.Env().Undefined();
}

// rawOpen(name)
Napi::Value RawOpen(const Napi::CallbackInfo& info) {
  std::unique_ptr<RawBlock> block;
  check(info.Env(), raw_open(info[0].As<Napi::String>(), &block));
  say(std::move(block));
  return info.Env().Undefined();
}

// rawOpenHandle(pid, fd, inode). pid 0: a descriptor of our own.
Napi::Value RawOpenHandle(const Napi::CallbackInfo& info) {
  const int pid = info[0].As<Napi::Number>();
  std::unique_ptr<RawBlock> block;
  check(info.Env(), raw_open_remote(pid == 0 ? getpid() : pid, info[1].As<Napi::Number>(),
                                    static_cast<uint64_t>(info[2].As<Napi::Number>().DoubleValue()), &block));
  say(std::move(block));
  return info.Env().Undefined();
}

// regs: number. Says in regs[0] how many leases this process has of blocks that it uses no more.
napi_value RawClose(napi_env, napi_callback_info) {
  ThreadState* state = thread_state;
  const auto number = static_cast<uint32_t>(state->regs[0]);
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  state->raw_blocks.erase(number);
  raw_release(number);
  state->regs[0] = raw_leases();
  return nullptr;
}

// rawUnlink(name, inode, device)
Napi::Value RawUnlink(const Napi::CallbackInfo& info) {
  const auto number = [&](size_t i) { return static_cast<uint64_t>(info[i].As<Napi::Number>().DoubleValue()); };
  check(info.Env(), unlink_named(info[0].As<Napi::String>(), number(1), number(2)));
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  raw_drop_lease(number(1));
  return info.Env().Undefined();
}

// Says in regs[0] how many leases are left.
napi_value RawTendLeases(napi_env, napi_callback_info) {
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  raw_tend_leases();
  thread_state->regs[0] = raw_leases();
  return nullptr;
}

// regs: number. Keeps the block from being unmapped, whoever closes it here, until it is let go.
napi_value RawKeep(napi_env, napi_callback_info) {
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  ++raw_at(static_cast<uint32_t>(thread_state->regs[0]))->users;
  return nullptr;
}

napi_value RawLetGo(napi_env, napi_callback_info) {
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  raw_release(static_cast<uint32_t>(thread_state->regs[0]));
  return nullptr;
}

// sweepOrphans(wait): the names that were removed.
Napi::Value SweepOrphans(const Napi::CallbackInfo& info) {
  std::vector<std::string> removed;
  check(info.Env(), sweep_orphans(info[0].As<Napi::Boolean>(), &removed));
  Napi::Array names = Napi::Array::New(info.Env(), removed.size());
  for (uint32_t i = 0; i < removed.size(); ++i) names.Set(i, removed[i]);
  return names;
}

}  // namespace

void export_raw_blocks(Napi::Env env, Napi::Object exports) {
  exports.Set("rawCreate", Napi::Function::New(env, RawCreate, "rawCreate"));
  exports.Set("rawName", Napi::Function::New(env, RawName, "rawName"));
  exports.Set("rawPublish", Napi::Function::New(env, RawPublish, "rawPublish"));
  exports.Set("rawOpen", Napi::Function::New(env, RawOpen, "rawOpen"));
  exports.Set("rawOpenHandle", Napi::Function::New(env, RawOpenHandle, "rawOpenHandle"));
  exports.Set("rawUnlink", Napi::Function::New(env, RawUnlink, "rawUnlink"));
  plain(env, exports, "rawClose", RawClose);
  plain(env, exports, "rawTendLeases", RawTendLeases);
  plain(env, exports, "rawKeep", RawKeep);
  plain(env, exports, "rawLetGo", RawLetGo);
  exports.Set("sweepOrphans", Napi::Function::New(env, SweepOrphans, "sweepOrphans"));
}

}  // namespace sharedctypes
