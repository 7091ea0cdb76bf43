// ArrayBuffers over mapped memory.
#ifndef SHAREDCTYPES_BINDING_VIEW_H
#define SHAREDCTYPES_BINDING_VIEW_H

#include <napi.h>

#include <memory>

#include "../core/mapping.h"

namespace sharedctypes {

using Share = std::shared_ptr<Mapping>;

// `bytes`: no more than an ArrayBuffer can have (lib/memory/length.ts); Node frees the shares twice otherwise.
// The buffer has two shares in the mapping, because there are two ways in which work in Node's thread pool that began before the buffer was
// detached keeps what it works on: some holds the buffer's memory (V8's BackingStore), and some has a bare address and holds the object.
inline Napi::ArrayBuffer view_of(Napi::Env env, const Share& mapping, char* data, uint64_t bytes) {
  auto of_memory = std::make_unique<Share>(mapping);
  auto of_object = std::make_unique<Share>(mapping);
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(
      env, data, bytes, [](Napi::Env, void*, Share* share) { delete share; }, of_memory.get());
  of_memory.release();
  buffer.AddFinalizer([](Napi::Env, Share* share) { delete share; }, of_object.get());
  of_object.release();
  return buffer;
}

}  // namespace sharedctypes

#endif
