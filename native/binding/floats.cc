#include "floats.h"

#include <atomic>
#include <cstdint>
#include <cstring>

#include "plain.h"
#include "thread_state.h"

namespace sharedctypes {

namespace {

template <typename Float, typename Bits>
void operate(ThreadState* state) {
  auto* word = reinterpret_cast<std::atomic<Bits>*>(static_cast<uintptr_t>(state->regs[0]));
  const auto bits_of = [](double number) {
    const auto value = static_cast<Float>(number);
    Bits bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
  };
  const auto value_of = [](Bits bits) {
    Float value;
    memcpy(&value, &bits, sizeof value);
    return value;
  };
  const double operand = state->regs[2];
  Bits old = word->load();
  switch (static_cast<int>(state->regs[1])) {
    case 0:
      while (!word->compare_exchange_weak(old,
                                          bits_of(static_cast<double>(static_cast<Float>(value_of(old) + static_cast<Float>(operand)))))) {
      }
      break;
    case 1:
      old = word->exchange(bits_of(operand));
      break;
    default:
      old = bits_of(operand);
      word->compare_exchange_strong(old, bits_of(state->regs[3]));
  }
  state->regs[0] = value_of(old);
}

// Atomics has no floating-point operations. regs: address, operation (0 add, 1 exchange, 2 compareExchange by bits), operands; answers the
// old value.
void Float32Operation() {
  operate<float, uint32_t>(thread_state);
}
void Float64Operation() {
  operate<double, uint64_t>(thread_state);
}

}  // namespace

void export_floats(Napi::Env env, Napi::Object exports) {
  hot<Float32Operation>(env, exports, "float32Operation");
  hot<Float64Operation>(env, exports, "float64Operation");
}

}  // namespace sharedctypes
