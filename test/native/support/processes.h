// Processes that are killed, and memory they share with the test that is not under test.
#ifndef SHAREDCTYPES_TEST_PROCESSES_H
#define SHAREDCTYPES_TEST_PROCESSES_H

#include <sys/mman.h>
#include <sys/types.h>

#include <atomic>
#include <functional>
#include <new>
#include <vector>

#include "harness.h"
#include "objects.h"

namespace native_test {

// Zeroed memory that survives fork() as the same memory. Goes with the process of the test.
template <typename T>
T* shared_memory() {
  void* at = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return new (at) T();
}

// Runs `body` in a process of its own, which dies with the one that called.
pid_t start(const std::function<void()>& body);
// Kills it and waits until it is dead, and with it its slots: the kernel closes files before it reports the death.
void kill_process(pid_t pid);
// Waits until it has ended by itself.
void join_process(pid_t pid);
// Stops it, and waits until it has stopped; lets it go on.
void stop_process(pid_t pid);
void continue_process(pid_t pid);

// Until the counter has reached this. Spins: no sleep would be short enough to kill at a random instruction.
void until_reaches(const std::atomic<uint64_t>& counter, uint64_t target);
// A few hundred instructions to some ten thousand.
void random_moment(Random* random);

constexpr int MOST_LANES = 8;

// What one of the victims is doing, told by itself. A dead one's is cleared by the test before it starts a new one.
struct Lane {
  std::atomic<uint64_t> doing;  // 0: nothing. Else its slot + 1, what it does, and a number that differs each time
  std::atomic<uint64_t> beats;  // moves as long as it lives; above bit 32 its life
  uint64_t space[6];
};

struct Campaign {
  std::atomic<uint64_t> progress;  // steps of all together
  uint64_t space[7];
  Lane lanes[MOST_LANES];
};

// One round is done. Lets others have the CPU now and then: one that was killed needs it to die.
void step(Campaign* campaign);

// One victim's words.
class Doing {
 public:
  Doing(Campaign* campaign, int lane, const Segment* segment, uint64_t life);
  // Says that it does `what` from now on, and looks for others that do, at one moment, what `excludes(what)`. Fails if there are more than
  // `most` of them, and they live. Answers how many it saw.
  uint32_t begin(uint32_t what, uint32_t most, const std::function<bool(uint32_t)>& excludes);
  void end();

 private:
  bool lives(int lane, uint64_t beats);
  Campaign* const campaign_;
  const int lane_;
  const Segment* const segment_;
  uint64_t number_;
};

// Victims in lanes, each doing `body` until it is killed; `life` is a different number each time.
class Victims {
 public:
  using Body = std::function<void(Campaign& campaign, int lane, uint64_t life)>;
  Victims(int lanes, Body body);
  ~Victims();
  // Kills `kills` of them, one after the other at random moments, and replaces each at once. `after(lane)`: between death and replacement.
  void kill_many(uint32_t kills, Random* random, const std::function<void(int)>& after = {});
  void kill_all();

  Campaign* const campaign;

 private:
  void start_lane(int lane);
  const int lanes_;
  const Body body_;
  std::vector<pid_t> pids_;
  uint64_t lives_ = 0;
};

// How many to kill in a campaign.
uint32_t kills_wanted();

}  // namespace native_test

#endif
