#include "direct_function.h"

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace sharedctypes {

namespace {

// v8::Local and v8::MaybeLocal: one pointer, passed and returned in a register. A napi_value is the same pointer.
using Local = napi_value;
struct Isolate;

// v8::CFunction and v8::CFunctionInfo, with room to spare: only V8 looks inside.
struct alignas(std::max_align_t) FastFunction {
  char bytes[64];
};
struct alignas(std::max_align_t) FastSignature {
  char bytes[64];
};
// v8::CTypeInfo: the type, and two bytes of flags that are none.
struct TypeInfo {
  uint8_t type, none[3];
};
constexpr TypeInfo VOID = {0, {}}, VALUE = {10, {}};

// Looked up under their mangled names, which hold the types of all parameters: a V8 that changes one of them does not have the symbol. What
// names don't hold, the numbers and layouts above, was tried in the V8 of Node 20, 22, 24 and 26 only. Others get Node-API functions.
// V8's headers are not included: from Node 24 on they want another C++ than ours, and inline what differs between versions.
struct V8 {
  Isolate* (*current_isolate)();
  Local (*current_context)(Isolate*);
  Local (*new_template)(Isolate*, DirectCallback, Local data, Local signature, int length, int constructor_behavior, int side_effect_type,
                        const FastFunction*, uint16_t, uint16_t, uint16_t);
  Local (*instance)(Local function_template, Local context);
  // The last parameter is new in Node 22; in Node 20 nobody looks at the register.
  void (*make_signature)(FastSignature*, const TypeInfo* result, unsigned count, const TypeInfo* parameters, uint8_t big_integers);
  void (*make_fast)(FastFunction*, DirectCallback, const FastSignature*);
};

constexpr long OLDEST_TRIED = 11, NEWEST_TRIED = 14;

template <typename Function>
bool find(Function* function, const char* symbol) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, symbol));
  return *function != nullptr;
}

bool is_tried() {
  const char* (*version)();
  if (!find(&version, "_ZN2v82V810GetVersionEv")) return false;
  const long major = strtol(version(), nullptr, 10);
  return major >= OLDEST_TRIED && major <= NEWEST_TRIED;
}

const V8* find_v8() {
  static V8 v8;
  const bool all = getenv("SHAREDCTYPES_NODE_API_ONLY") == nullptr && is_tried() &&
                   find(&v8.current_isolate, "_ZN2v87Isolate10GetCurrentEv") &&
                   find(&v8.current_context, "_ZN2v87Isolate17GetCurrentContextEv") &&
                   find(&v8.new_template,
                        "_ZN2v816FunctionTemplate3NewEPNS_7IsolateEPFvRKNS_20FunctionCallbackInfoINS_5ValueEEEENS_5LocalIS4_EENSA_INS_"
                        "9SignatureEEEiNS_19ConstructorBehaviorENS_14SideEffectTypeEPKNS_9CFunctionEttt") &&
                   find(&v8.instance, "_ZN2v816FunctionTemplate11GetFunctionENS_5LocalINS_7ContextEEE") &&
                   (find(&v8.make_signature, "_ZN2v813CFunctionInfoC1ERKNS_9CTypeInfoEjPS2_NS0_19Int64RepresentationE") ||
                    find(&v8.make_signature, "_ZN2v813CFunctionInfoC1ERKNS_9CTypeInfoEjPS2_")) &&
                   find(&v8.make_fast, "_ZN2v89CFunctionC1EPKvPKNS_13CFunctionInfoE");
  return all ? &v8 : nullptr;
}

constexpr int CONSTRUCTOR_THROWS = 0;
constexpr int HAS_SIDE_EFFECTS = 0;

// Nothing but the receiver, and nothing back.
const FastSignature* signature(const V8* v8) {
  static FastSignature made;
  static const bool once = (v8->make_signature(&made, &VOID, 1, &VALUE, 0), true);
  (void)once;
  return &made;
}

}  // namespace

napi_value direct_function(napi_env env, const char* name, DirectCallback callback, bool fast) {
  static const V8* v8 = find_v8();
  if (v8 == nullptr) return nullptr;
  FastFunction fast_function;  // copied by V8
  if (fast) v8->make_fast(&fast_function, callback, signature(v8));
  Isolate* isolate = v8->current_isolate();
  const Local made = v8->new_template(isolate, callback, nullptr, nullptr, 0, CONSTRUCTOR_THROWS, HAS_SIDE_EFFECTS,
                                      fast ? &fast_function : nullptr, 0, 0, 0);
  const Local function = v8->instance(made, v8->current_context(isolate));
  if (function == nullptr) return nullptr;
  // For stack traces and profiles.
  napi_value text;
  if (napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &text) != napi_ok) return nullptr;
  const napi_property_descriptor named = {"name", nullptr, nullptr, nullptr, nullptr, text, napi_configurable, nullptr};
  return napi_define_properties(env, function, 1, &named) == napi_ok ? function : nullptr;
}

}  // namespace sharedctypes
