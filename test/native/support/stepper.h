// Kills a process at every instruction of an operation: no luck needed, unlike with a campaign.
//
// The operation is run once by single steps, which gives the address of each of its instructions in order. Then, for each of them, a new
// process runs up to it (by a breakpoint, which is faster than to step there) and is killed before it.
#ifndef SHAREDCTYPES_TEST_STEPPER_H
#define SHAREDCTYPES_TEST_STEPPER_H

#include <cstdint>
#include <functional>

namespace native_test {

struct Steps {
  std::function<void()> set_up;     // in the test: makes all anew
  std::function<void()> prepare;    // in the victim
  std::function<void()> operation;  // in the victim
  std::function<void()> check;      // in the test, when the victim is dead
};

// Adds to the test's note before how many of the operation's instructions a process was killed.
void kill_at_each_instruction(const char* what, const Steps& steps);

// The same with a process that only stands still there: `meanwhile` in the test, then it goes on to its end, then `check`.
void stop_at_each_instruction(const char* what, const Steps& steps, const std::function<void()>& meanwhile);

}  // namespace native_test

#endif
