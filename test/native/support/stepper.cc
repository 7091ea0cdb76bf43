#include "stepper.h"

#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <unordered_map>
#include <vector>

#include "harness.h"
#include "processes.h"

namespace native_test {

#if defined(__x86_64__)

// Behind the trap that ends an operation.
extern "C" char native_test_operation_done[];

namespace {

// Where few of many instructions are taken, the first is random, so that runs differ.
constexpr size_t AT_MOST = 500, AT_MOST_LONG = SIZE_MAX;
// Steps worth a stop at a breakpoint and what belongs to it.
constexpr size_t BREAKPOINT_COST = 4;

__attribute__((noinline, noclone)) void run_between_traps(const std::function<void()>& operation) {
  __asm__ volatile("int3" ::: "memory");
  operation();
  __asm__ volatile(
      "int3\n"
      ".globl native_test_operation_done\n"
      "native_test_operation_done:" ::
          : "memory");
}

class Traced {
 public:
  explicit Traced(const Steps& steps)
      : pid_(start([&] {
          steps.prepare();
          CHECK_EQUAL(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr), 0);
          run_between_traps(steps.operation);
        })) {
    wait_for_trap();
  }

  uint64_t at() const {
    errno = 0;
    const long at = ptrace(PTRACE_PEEKUSER, pid_, offsetof(user, regs.rip), nullptr);
    CHECK_EQUAL(errno, 0);
    return static_cast<uint64_t>(at);
  }
  bool done() const { return at() == reinterpret_cast<uint64_t>(native_test_operation_done); }

  void step() {
    CHECK_EQUAL(ptrace(PTRACE_SINGLESTEP, pid_, nullptr, nullptr), 0);
    wait_for_trap();
  }

  // False: it came to its end without.
  bool run_to(uint64_t address, uint32_t times) {
    errno = 0;
    const long code = ptrace(PTRACE_PEEKTEXT, pid_, address, nullptr);
    CHECK_EQUAL(errno, 0);
    for (; times > 0; --times) {
      poke(address, (code & ~0xffL) | 0xcc);
      run();
      const bool there = at() == address + 1;
      poke(address, code);
      if (!there) {
        CHECK(done());
        return false;
      }
      CHECK_EQUAL(ptrace(PTRACE_POKEUSER, pid_, offsetof(user, regs.rip), address), 0);
      if (times > 1) step();
    }
    return true;
  }

  void run() {
    CHECK_EQUAL(ptrace(PTRACE_CONT, pid_, nullptr, nullptr), 0);
    wait_for_trap();
  }

  void end_by_kill() { kill_process(pid_); }
  void end_by_itself() {
    CHECK_EQUAL(ptrace(PTRACE_DETACH, pid_, nullptr, nullptr), 0);
    join_process(pid_);
  }

 private:
  void poke(uint64_t address, long code) { CHECK_EQUAL(ptrace(PTRACE_POKETEXT, pid_, address, code), 0); }

  void wait_for_trap() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0) CHECK_EQUAL(errno, EINTR);
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) fail(__FILE__, __LINE__, "a traced process met status %#x", status);
  }

  const pid_t pid_;
};

// The way through an operation.
class Way {
 public:
  explicit Way(const Steps& steps) {
    // Once without looking: what is done only the first time is done, in the test, and all victims go the same way.
    steps.set_up();
    Traced(steps).end_by_kill();
    steps.check();
    steps.set_up();
    Traced traced(steps);
    std::unordered_map<uint64_t, uint32_t> seen;
    while (!traced.done()) {
      const uint64_t at = traced.at();
      addresses_.push_back(at);
      times_.push_back(++seen[at]);
      traced.step();
    }
    traced.end_by_kill();
    steps.check();
  }

  size_t length() const { return addresses_.size(); }

  // False: this time it went another way, and to its end.
  bool go(Traced* traced, size_t index) const {
    // From the beginning, or from a breakpoint before, whatever takes fewer stops.
    size_t from = 0, best = index;
    for (size_t at = index; at > 0 && index - at < best; --at) {
      const size_t cost = BREAKPOINT_COST * times_[at] + (index - at);
      if (cost >= best) continue;
      best = cost;
      from = at;
    }
    if (from > 0 && !traced->run_to(addresses_[from], times_[from])) return false;
    for (size_t at = from; at < index; ++at) {
      traced->step();
      if (traced->done()) return false;
    }
    return true;
  }

 private:
  std::vector<uint64_t> addresses_;
  std::vector<uint32_t> times_;  // how often the address had come, with this one
};

void at_each_instruction(const char* what, const Steps& steps, const std::function<void(Traced*)>& then) {
  stage("%s, step by step", what);
  const Way way(steps);
  const size_t stride = (way.length() - 1) / (options().long_run ? AT_MOST_LONG : AT_MOST) + 1;
  Random random(way.length());
  size_t count = 0, missed = 0;
  for (size_t index = random.below(static_cast<uint32_t>(stride)); index < way.length(); index += stride) {
    stage("%s, instruction %zu of %zu", what, index, way.length());
    steps.set_up();
    Traced traced(steps);
    if (!way.go(&traced, index)) ++missed;
    then(&traced);
    steps.check();
    ++count;
  }
  CHECK(missed * 4 <= count);
  note("%s%s%zu of %zu", what, what[0] == 0 ? "" : " ", count - missed, way.length());
}

}  // namespace

void kill_at_each_instruction(const char* what, const Steps& steps) {
  at_each_instruction(what, steps, [](Traced* traced) { traced->end_by_kill(); });
}

void stop_at_each_instruction(const char* what, const Steps& steps, const std::function<void()>& meanwhile) {
  at_each_instruction(what, steps, [&](Traced* traced) {
    meanwhile();
    if (!traced->done()) traced->run();
    traced->end_by_itself();
  });
}

#else

// Breakpoints and registers of other processors are left to the random campaigns.
void kill_at_each_instruction(const char* what, const Steps&) {
  note("%s: x64 only", what);
}
void stop_at_each_instruction(const char* what, const Steps&, const std::function<void()>&) {
  note("%s: x64 only", what);
}

#endif

}  // namespace native_test
