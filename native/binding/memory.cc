#include "memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>

#include "../core/arena.h"
#include "../core/header.h"
#include "../core/mutex.h"
#include "../core/registry.h"
#include "../core/shm_file.h"
#include "../core/slots.h"
#include "errors.h"
#include "plain.h"
#include "thread_state.h"
#include "view.h"

namespace sharedctypes {

namespace {

uint64_t key_of(uint32_t segment, uint32_t block) {
  return static_cast<uint64_t>(segment) << 32 | block;
}

// regs[0..4] of a create call: object kind, lock kind, type fingerprint, length, element size.
ObjectSpec spec_in(const ThreadState* state) {
  ObjectSpec spec;
  spec.object_kind = static_cast<uint32_t>(state->regs[0]);
  spec.lock_kind = static_cast<uint32_t>(state->regs[1]);
  spec.type = static_cast<uint32_t>(state->regs[2]);
  spec.length = static_cast<uint64_t>(state->regs[3]);
  spec.element_size = static_cast<uint64_t>(state->regs[4]);
  return spec;
}

// Says in regs what was made or opened and counts it as open here: 0 done, 1 segment, 2 block, 3 generation, 4 lock's offset (-1: none),
// 5 data's offset, 6 object kind, 7 lock kind, 8 type, 9 length, 10 element size.
void say(ThreadState* state, const Place& place, uint32_t object_kind, uint32_t lock_kind, uint32_t type, uint64_t length,
         uint64_t element_size) {
  ++state->open[key_of(place.segment, place.block)];
  double* regs = state->regs;
  regs[0] = 0;
  regs[1] = place.segment;
  regs[2] = place.block;
  regs[3] = place.generation;
  regs[4] = lock_kind == LOCK_NONE ? -1 : static_cast<double>(place.offset);
  regs[5] = static_cast<double>(place.data_offset);
  regs[6] = object_kind;
  regs[7] = lock_kind;
  regs[8] = type;
  regs[9] = static_cast<double>(length);
  regs[10] = static_cast<double>(element_size);
}

void say_block(ThreadState* state, const Place& place) {
  const BlockContent& c = place.content;
  say(state, place, c.object_kind, c.lock_kind, c.type, c.length, c.element_size);
}

void say_object(ThreadState* state, uint32_t number) {
  const SegmentHeader* h = registry_at(number)->header();
  say(state, {number, 0, 0, h->lock_offset, h->data_offset, {}}, h->object_kind, h->lock_kind, h->type, h->length, h->element_size);
}

void failed(ThreadState* state, Status status) {
  state->last_error = std::move(status);
  state->regs[0] = 1;
}

// Makes a small object in an arena.
void CreateSmall() {
  ThreadState* state = thread_state;
  const ObjectSpec spec = spec_in(state);
  std::lock_guard<std::mutex> guard(registry_mutex());
  close_orphans();
  Place place;
  Status status = arena_create(spec, &place);
  if (!status.ok()) return failed(state, std::move(status));
  say(state, place, spec.object_kind, spec.lock_kind, spec.type, spec.length, spec.element_size);
}

// Opens an object in an arena that this environment has open already. regs: segment, offset, generation.
void OpenSmall() {
  ThreadState* state = thread_state;
  std::lock_guard<std::mutex> guard(registry_mutex());
  Place place;
  Status status = arena_open(static_cast<uint32_t>(state->regs[0]), static_cast<uint64_t>(state->regs[1]),
                             static_cast<uint32_t>(state->regs[2]), &place);
  if (!status.ok()) return failed(state, std::move(status));
  say_block(state, place);
}

// What this thread still has in an object that it closes, or that was dropped: reads, and places in line.
void end_all_of(ThreadState* state, uint32_t number, uint32_t block) {
  const Segment* segment = registry_at(number);
  const char* begin = segment->base();
  const char* end = begin + segment->size();
  if (segment->is_arena()) {
    begin += arena_shape(segment->size()).blocks_offset + block * UNIT;
    end = begin + arena_descriptor(segment, block)->units * UNIT;
  }
  end_reads(state, segment, begin, end);
  end_waits(state, segment, begin, end);
}

// regs: segment, block, lock's address or 0, 1: its memory goes at once. Answers 1 and closes nothing if it is the last use here and this
// thread holds the lock.
void Close() {
  ThreadState* state = thread_state;
  const auto number = static_cast<uint32_t>(state->regs[0]);
  const auto block = static_cast<uint32_t>(state->regs[1]);
  const auto* lock = reinterpret_cast<const LockWord*>(static_cast<uintptr_t>(state->regs[2]));
  auto entry = state->open.find(key_of(number, block));
  if (lock != nullptr && entry->second == 1 && mutex_owner_tid(&lock->mutex) == state->tid) {
    state->regs[0] = 1;
    return;
  }
  const bool now = state->regs[3] != 0;
  const bool last = --entry->second == 0;
  if (last) state->open.erase(entry);
  std::lock_guard<std::mutex> guard(registry_mutex());
  if (last && !(state->reads.empty() && state->waiting.empty())) end_all_of(state, number, block);
  registry_at(number)->close_now = now;
  close_object(number, block);
  state->regs[0] = 0;
}

// The block at an offset of a segment; 0 in a segment of one object.
uint32_t block_at(const Segment* segment, double offset) {
  if (!segment->is_arena()) return 0;
  return static_cast<uint32_t>((static_cast<uint64_t>(offset) - arena_shape(segment->size()).blocks_offset) / UNIT);
}

// Keeps an open object from being freed, whatever this environment closes, until it is let go. regs: segment, offset.
void Keep() {
  std::lock_guard<std::mutex> guard(registry_mutex());
  Segment* segment = registry_at(static_cast<uint32_t>(thread_state->regs[0]));
  const uint32_t block = block_at(segment, thread_state->regs[1]);
  open_object(segment, block);
  thread_state->kept.insert(key_of(static_cast<uint32_t>(thread_state->regs[0]), block));
}

void LetGo() {
  std::lock_guard<std::mutex> guard(registry_mutex());
  const auto number = static_cast<uint32_t>(thread_state->regs[0]);
  const uint32_t block = block_at(registry_at(number), thread_state->regs[1]);
  thread_state->kept.erase(thread_state->kept.find(key_of(number, block)));
  close_object(number, block);
}

Napi::Value ThrowLastError(const Napi::CallbackInfo& info) {
  throw_status(info.Env(), thread_state->last_error);
}

// createLarge(typeName, named, mode, posixSemaphore): regs as for CreateSmall. A segment of its own; where named, one that publish() is
// still to name.
Napi::Value CreateLarge(const Napi::CallbackInfo& info) {
  ThreadState* state = thread_state;
  ObjectSpec spec = spec_in(state);
  spec.type_name = info[0].As<Napi::String>();
  const bool named = info[1].As<Napi::Boolean>();
  spec.posix_semaphore = info[3].As<Napi::Boolean>();
  const uint64_t size = object_shape(spec).size;
  if (size == 0) throw_status(info.Env(), Status::system(ENOMEM, "fallocate"));
  std::unique_ptr<Segment> segment;
  check(info.Env(), named ? create_unnamed_file(size, info[2].As<Napi::Number>().Uint32Value(), spec, &segment)
                          : create_anonymous(SEGMENT_OBJECT, size, spec, &segment));
  std::lock_guard<std::mutex> guard(registry_mutex());
  close_orphans();
  open_object(segment.get(), 0);
  say_object(state, registry_add(std::move(segment)));
  return info.Env().Undefined();
}

// Puts a freshly mapped segment into the table, or drops it for the one that is there already.
uint32_t settle(std::unique_ptr<Segment> segment) {
  const uint32_t known = registry_find(segment->device(), segment->inode());
  if (known != UINT32_MAX) return known;
  if (segment->is_arena()) arena_join(segment.get());
  join_slots(segment.get());
  return registry_add(std::move(segment));
}

// openNamed(name)
Napi::Value OpenNamed(const Napi::CallbackInfo& info) {
  std::unique_ptr<Segment> segment;
  const std::string name = info[0].As<Napi::String>();
  std::lock_guard<std::mutex> guard(registry_mutex());
  check(info.Env(), open_named(name, &segment));
  if (segment->is_arena()) throw_status(info.Env(), Status::mismatch(shm_path(name) + " holds an arena, expected one object"));
  const uint32_t number = settle(std::move(segment));
  open_object(registry_at(number), 0);
  say_object(thread_state, number);
  return info.Env().Undefined();
}

uint64_t parse_id(const std::string& hex) {
  uint64_t id = 0;
  sscanf(hex.c_str(), "%" SCNx64, &id);
  return id;
}

// openHandle(id, pid, fd, inode, offset, generation): the object a handle tells of. fd < 0: only if this process has the segment already.
// pid 0: a descriptor of our own, opened anew because a description that is shared with another process shares its locks too.
Napi::Value OpenHandle(const Napi::CallbackInfo& info) {
  ThreadState* state = thread_state;
  const uint64_t id = parse_id(info[0].As<Napi::String>());
  const int pid = info[1].As<Napi::Number>();
  const int fd = info[2].As<Napi::Number>();
  const auto inode = static_cast<uint64_t>(info[3].As<Napi::Number>().DoubleValue());
  std::lock_guard<std::mutex> guard(registry_mutex());
  close_orphans();
  uint32_t number = registry_find_id(id);
  if (number == UINT32_MAX) {
    if (fd < 0) throw_status(info.Env(), Status::stale("its segment is not open in this process"));
    std::unique_ptr<Segment> segment;
    check(info.Env(), open_remote(pid == 0 ? getpid() : pid, fd, inode, &segment));
    if (segment->header()->id != id) throw_status(info.Env(), Status::stale("the segment behind the handle is another one by now"));
    number = settle(std::move(segment));
  } else if (registry_at(number)->inode() != inode) {
    throw_status(info.Env(), Status::stale("expected inode " + std::to_string(inode) + ", the segment has " +
                                           std::to_string(registry_at(number)->inode())));
  }
  Segment* segment = registry_at(number);
  if (!segment->is_arena()) {
    open_object(segment, 0);
    say_object(state, number);
    return info.Env().Undefined();
  }
  Place place;
  const Status status =
      arena_open(number, static_cast<uint64_t>(info[4].As<Napi::Number>().DoubleValue()), info[5].As<Napi::Number>().Uint32Value(), &place);
  if (!status.ok()) {
    release_if_unused(number);
    throw_status(info.Env(), status);
  }
  say_block(state, place);
  return info.Env().Undefined();
}

// publish(segment, name)
Napi::Value Publish(const Napi::CallbackInfo& info) {
  std::lock_guard<std::mutex> guard(registry_mutex());
  check(info.Env(), link_file(registry_at(info[0].As<Napi::Number>().Uint32Value())->fd(), info[1].As<Napi::String>()));
  return info.Env().Undefined();
}

// unlinkNamed(name, inode, device)
Napi::Value UnlinkNamed(const Napi::CallbackInfo& info) {
  const auto number = [&](size_t i) { return static_cast<uint64_t>(info[i].As<Napi::Number>().DoubleValue()); };
  check(info.Env(), unlink_named(info[0].As<Napi::String>(), number(1), number(2)));
  return info.Env().Undefined();
}

// describe(segment): what handles and views need of it.
Napi::Value Describe(const Napi::CallbackInfo& info) {
  std::lock_guard<std::mutex> guard(registry_mutex());
  const Segment* segment = registry_at(info[0].As<Napi::Number>().Uint32Value());
  char id[17];
  snprintf(id, sizeof id, "%016" PRIx64, segment->header()->id);
  Napi::Object about = Napi::Object::New(info.Env());
  about.Set("id", id);
  about.Set("fd", segment->fd());
  about.Set("inode", static_cast<double>(segment->inode()));
  about.Set("device", static_cast<double>(segment->device()));
  about.Set("base", static_cast<double>(reinterpret_cast<uintptr_t>(segment->base())));
  about.Set("size", static_cast<double>(segment->size()));
  about.Set("slot", segment->slot);
  about.Set("arena", segment->is_arena());
  about.Set("createdHere", segment->created_here);
  return about;
}

// view(segment, address, bytes): an ArrayBuffer over mapped memory.
Napi::Value View(const Napi::CallbackInfo& info) {
  std::lock_guard<std::mutex> guard(registry_mutex());
  const Segment* segment = registry_at(info[0].As<Napi::Number>().Uint32Value());
  char* data = reinterpret_cast<char*>(static_cast<uintptr_t>(info[1].As<Napi::Number>().DoubleValue()));
  return view_of(info.Env(), segment->mapping(), data, static_cast<uint64_t>(info[2].As<Napi::Number>().DoubleValue()));
}

Napi::Value Detach(const Napi::CallbackInfo& info) {
  info[0].As<Napi::ArrayBuffer>().Detach();
  return info.Env().Undefined();
}

// memoryFile(bytes): a descriptor of an anonymous file that holds a copy of them. The caller closes it.
Napi::Value MemoryFile(const Napi::CallbackInfo& info) {
  const auto bytes = info[0].As<Napi::Uint8Array>();
  const int fd = memfd_create("sharedctypes-arguments", MFD_CLOEXEC);
  if (fd < 0) throw_status(info.Env(), Status::system("memfd_create"));
  for (size_t at = 0; at < bytes.ByteLength();) {
    const ssize_t written = pwrite(fd, bytes.Data() + at, bytes.ByteLength() - at, static_cast<off_t>(at));
    if (written >= 0) at += static_cast<size_t>(written);
    else if (errno != EINTR) {
      const Status status = Status::system("write");
      close(fd);
      throw_status(info.Env(), status);
    }
  }
  return Napi::Number::New(info.Env(), fd);
}

Napi::Value CloseFile(const Napi::CallbackInfo& info) {
  close(info[0].As<Napi::Number>().Int32Value());
  return info.Env().Undefined();
}

}  // namespace

void export_memory(Napi::Env env, Napi::Object exports) {
  plain<CreateSmall>(env, exports, "createSmall");
  plain<OpenSmall>(env, exports, "openSmall");
  plain<Close>(env, exports, "close");
  plain<Keep>(env, exports, "keep");
  plain<LetGo>(env, exports, "letGo");
  exports.Set("throwLastError", Napi::Function::New(env, ThrowLastError, "throwLastError"));
  exports.Set("createLarge", Napi::Function::New(env, CreateLarge, "createLarge"));
  exports.Set("openNamed", Napi::Function::New(env, OpenNamed, "openNamed"));
  exports.Set("openHandle", Napi::Function::New(env, OpenHandle, "openHandle"));
  exports.Set("publish", Napi::Function::New(env, Publish, "publish"));
  exports.Set("unlinkNamed", Napi::Function::New(env, UnlinkNamed, "unlinkNamed"));
  exports.Set("describe", Napi::Function::New(env, Describe, "describe"));
  exports.Set("view", Napi::Function::New(env, View, "view"));
  exports.Set("detach", Napi::Function::New(env, Detach, "detach"));
  exports.Set("closeFile", Napi::Function::New(env, CloseFile, "closeFile"));
  exports.Set("memoryFile", Napi::Function::New(env, MemoryFile, "memoryFile"));
}

}  // namespace sharedctypes
