#include "raw_blocks.h"

#include <unistd.h>

#include "../core/leases.h"
#include "../core/orphans.h"
#include "../core/raw_block.h"
#include "../core/reserve.h"
#include "../core/shm_file.h"
#include "errors.h"
#include "plain.h"
#include "thread_state.h"
#include "view.h"

namespace sharedctypes {

namespace {

// Counts a block as open in this environment and says in regs: 0 number, 1 size, 2 descriptor, 3 inode, 4 device.
void say(std::unique_ptr<RawBlock> block) {
  double* regs = thread_state->regs;
  regs[1] = static_cast<double>(block->size);
  regs[2] = block->fd;
  regs[3] = static_cast<double>(block->inode);
  regs[4] = static_cast<double>(block->device);
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  const uint32_t number = raw_add(std::move(block));
  thread_state->raw_blocks.insert(number);
  regs[0] = number;
}

// What orphans, and leases of blocks that have been unlinked meanwhile, may be in the way of.
bool lacks_room(const Status& status) {
  return status.error == ENOSPC || status.error == ENOMEM || status.error == EMFILE || status.error == ENFILE;
}

// rawCreate(size)
Napi::Value RawCreate(const Napi::CallbackInfo& info) {
  sweep_if_due();
  const auto size = static_cast<uint64_t>(info[0].As<Napi::Number>().DoubleValue());
  std::unique_ptr<RawBlock> block;
  Status status = raw_create(size, &block);
  if (lacks_room(status)) {
    Sweep sweep;
    leases_tend();  // first: a sweep needs a descriptor
    sweep_orphans(false, &sweep);
    status = raw_create(size, &block);
  }
  check(info.Env(), status);
  say(std::move(block));
  return info.Env().Undefined();
}

// rawCheckRoom(size): fails as rawCreate would.
Napi::Value RawCheckRoom(const Napi::CallbackInfo& info) {
  RawBlock block;
  check(info.Env(), open_unnamed(&block.fd));
  check(info.Env(), room_for(block.fd, static_cast<uint64_t>(info[0].As<Napi::Number>().DoubleValue()), SHM_FOLDER));
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

// regs: number; 1: its memory goes at once.
void RawClose() {
  ThreadState* state = thread_state;
  const auto number = static_cast<uint32_t>(state->regs[0]);
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  state->raw_blocks.erase(number);
  raw_release(number, state->regs[1] != 0);
}

// rawView(number): an ArrayBuffer over all of it.
Napi::Value RawView(const Napi::CallbackInfo& info) {
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  const RawBlock* block = raw_at(info[0].As<Napi::Number>().Uint32Value());
  return view_of(info.Env(), block->mapping, block->mapping->base, block->size);
}

// rawUnlink(name, inode, device)
Napi::Value RawUnlink(const Napi::CallbackInfo& info) {
  const auto number = [&](size_t i) { return static_cast<uint64_t>(info[i].As<Napi::Number>().DoubleValue()); };
  check(info.Env(), unlink_named(info[0].As<Napi::String>(), number(1), number(2)));
  lease_drop(number(1));
  return info.Env().Undefined();
}

// regs: number. Keeps the block from being unmapped, whoever closes it here, until it is let go or this environment ends.
void RawKeep() {
  const auto number = static_cast<uint32_t>(thread_state->regs[0]);
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  ++raw_at(number)->users;
  thread_state->raw_kept.insert(number);
}

void RawLetGo() {
  const auto number = static_cast<uint32_t>(thread_state->regs[0]);
  std::lock_guard<std::mutex> guard(raw_blocks_mutex());
  thread_state->raw_kept.erase(thread_state->raw_kept.find(number));
  raw_release(number, false);
}

// sweepOrphans(wait): the names that were removed, and errors for what could not be.
Napi::Value SweepOrphans(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Sweep sweep;
  check(env, sweep_orphans(info[0].As<Napi::Boolean>(), &sweep));
  Napi::Array removed = Napi::Array::New(env, sweep.removed.size());
  for (uint32_t i = 0; i < sweep.removed.size(); ++i) removed.Set(i, sweep.removed[i]);
  Napi::Array failed = Napi::Array::New(env, sweep.failed.size());
  for (uint32_t i = 0; i < sweep.failed.size(); ++i) failed.Set(i, error_of(env, sweep.failed[i]).Value());
  Napi::Object answer = Napi::Object::New(env);
  answer.Set("removed", removed);
  answer.Set("failed", failed);
  answer.Set("busy", sweep.busy);
  return answer;
}

}  // namespace

void export_raw_blocks(Napi::Env env, Napi::Object exports) {
  exports.Set("rawCreate", Napi::Function::New(env, RawCreate, "rawCreate"));
  exports.Set("rawCheckRoom", Napi::Function::New(env, RawCheckRoom, "rawCheckRoom"));
  exports.Set("rawName", Napi::Function::New(env, RawName, "rawName"));
  exports.Set("rawPublish", Napi::Function::New(env, RawPublish, "rawPublish"));
  exports.Set("rawOpen", Napi::Function::New(env, RawOpen, "rawOpen"));
  exports.Set("rawOpenHandle", Napi::Function::New(env, RawOpenHandle, "rawOpenHandle"));
  exports.Set("rawUnlink", Napi::Function::New(env, RawUnlink, "rawUnlink"));
  plain<RawClose>(env, exports, "rawClose");
  exports.Set("rawView", Napi::Function::New(env, RawView, "rawView"));
  plain<RawKeep>(env, exports, "rawKeep");
  plain<RawLetGo>(env, exports, "rawLetGo");
  exports.Set("sweepOrphans", Napi::Function::New(env, SweepOrphans, "sweepOrphans"));
}

}  // namespace sharedctypes
