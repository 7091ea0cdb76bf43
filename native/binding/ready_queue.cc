#include "ready_queue.h"

namespace sharedctypes {

ReadyQueue::ReadyQueue(Napi::Env env, Napi::Function callback)
    : function_(Napi::ThreadSafeFunction::New(env, callback, "sharedctypes", 0, 1)) {
  function_.Unref(env);
}

ReadyQueue::~ReadyQueue() {
  unwatch_all(this);
  function_.Abort();
}

void ReadyQueue::looks_ready(uint32_t token) {
  std::lock_guard<std::mutex> guard(mutex_);
  tokens_.push_back(token);
  if (tokens_.size() > 1) return;  // a call is on its way and will take this one along
  function_.NonBlockingCall([this](Napi::Env env, Napi::Function callback) {
    std::vector<uint32_t> tokens;
    {
      std::lock_guard<std::mutex> inner(mutex_);
      tokens.swap(tokens_);
    }
    Napi::Array list = Napi::Array::New(env, tokens.size());
    for (size_t i = 0; i < tokens.size(); ++i) list[static_cast<uint32_t>(i)] = Napi::Number::New(env, tokens[i]);
    callback.Call({list});
  });
}

void ReadyQueue::keep_alive(Napi::Env env, bool alive) {
  if (alive) function_.Ref(env);
  else function_.Unref(env);
}

}  // namespace sharedctypes
