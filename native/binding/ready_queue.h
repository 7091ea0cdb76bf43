// Carries "this looks ready" from the watcher's thread to the JavaScript thread.
#ifndef SHAREDCTYPES_BINDING_READY_QUEUE_H
#define SHAREDCTYPES_BINDING_READY_QUEUE_H

#include <napi.h>

#include <mutex>
#include <vector>

#include "../core/watcher.h"

namespace sharedctypes {

class ReadyQueue : public WatchListener {
 public:
  // `callback(tokens)` is called on the JavaScript thread.
  ReadyQueue(Napi::Env env, Napi::Function callback);
  ~ReadyQueue() override;

  void looks_ready(uint32_t token) override;
  // Pending waits keep the process alive, as an open socket would; without any, nothing here does.
  void keep_alive(Napi::Env env, bool alive);

 private:
  Napi::ThreadSafeFunction function_;
  std::mutex mutex_;
  std::vector<uint32_t> tokens_;
};

}  // namespace sharedctypes

#endif
