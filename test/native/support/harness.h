// A test harness of a few lines. Each test runs in a process of its own, so one that crashes, hangs or leaves threads behind spoils no
// other.
#ifndef SHAREDCTYPES_TEST_HARNESS_H
#define SHAREDCTYPES_TEST_HARNESS_H

#include <cstdint>

namespace native_test {

struct Options {
  uint64_t seed = 0;
  bool long_run = false;       // every instruction, ten times the kills
  const char* only = nullptr;  // tests whose name contains this
};
const Options& options();

using Body = void (*)();
struct Registration {
  Registration(const char* name, Body body);
};

#define NATIVE_TEST_JOIN2(a, b) a##b
#define NATIVE_TEST_JOIN(a, b) NATIVE_TEST_JOIN2(a, b)
#define TEST(name)                                                                                                           \
  static void NATIVE_TEST_JOIN(test_, __LINE__)();                                                                           \
  static const native_test::Registration NATIVE_TEST_JOIN(registration_, __LINE__)(name, NATIVE_TEST_JOIN(test_, __LINE__)); \
  static void NATIVE_TEST_JOIN(test_, __LINE__)()

// Ends the test, also when called in a process or a thread that the test started.
[[noreturn]] void fail(const char* file, int line, const char* format, ...) __attribute__((format(printf, 3, 4)));

#define CHECK(condition) \
  if (!(condition)) native_test::fail(__FILE__, __LINE__, "%s", #condition)
#define CHECK_EQUAL(found, expected)                                                                                   \
  do {                                                                                                                 \
    const auto found_ = static_cast<long long>(found);                                                                 \
    const auto expected_ = static_cast<long long>(expected);                                                           \
    if (found_ != expected_) native_test::fail(__FILE__, __LINE__, "%s is %lld, not %lld", #found, found_, expected_); \
  } while (false)

// What the test counted, for its line.
void note(const char* format, ...) __attribute__((format(printf, 1, 2)));
// Shown if the test fails: where it is.
void stage(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Random numbers that --seed repeats. Each test has its own row, and each of its processes one of these.
class Random {
 public:
  explicit Random(uint64_t salt = 0);
  uint64_t next();
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>(next() % bound); }

 private:
  uint64_t state_;
};

}  // namespace native_test

#endif
