#include "processes.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "../../../native/core/slots.h"
#include "../../../native/core/spin.h"

namespace native_test {

pid_t start(const std::function<void()>& body) {
  const pid_t parent = getpid();
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  signal(SIGUSR1, SIG_DFL);
  // Victims keep all CPUs busy: the test must still get one at the moment it wants to kill.
  if (setpriority(PRIO_PROCESS, 0, 10) != 0) _exit(1);
  body();
  _exit(0);
}

namespace {

int wait_for(pid_t pid, int flags) {
  int status = 0;
  pid_t found;
  while ((found = waitpid(pid, &status, flags)) < 0 && errno == EINTR) {
  }
  CHECK_EQUAL(found, pid);
  return status;
}

}  // namespace

void kill_process(pid_t pid) {
  kill(pid, SIGKILL);
  const int status = wait_for(pid, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
    fail(__FILE__, __LINE__, "a victim ended before it was killed (status %#x)", status);
}

void join_process(pid_t pid) {
  const int status = wait_for(pid, 0);
  if (status != 0) fail(__FILE__, __LINE__, "a process ended with status %#x", status);
}

void stop_process(pid_t pid) {
  kill(pid, SIGSTOP);
  CHECK(WIFSTOPPED(wait_for(pid, WUNTRACED)));
}

void continue_process(pid_t pid) {
  kill(pid, SIGCONT);
}

void until_reaches(const std::atomic<uint64_t>& counter, uint64_t target) {
  while (counter.load() < target) sched_yield();
}

void random_moment(Random* random) {
  const uint32_t rounds = random->below(1u << random->below(11));
  for (uint32_t i = 0; i < rounds; ++i) pause_cpu(1);
}

Doing::Doing(Campaign* campaign, int lane, const Segment* segment, uint64_t life)
    : campaign_(campaign), lane_(lane), segment_(segment), number_(life << 24) {
  campaign->lanes[lane].beats.store(life << 32);
}

// Proof of life is that it goes on. To hold its slot is none: a process that is killed gives back its mutexes a moment before its slots,
// and can do nothing any more in between.
bool Doing::lives(int lane, uint64_t beats) {
  const Lane& other = campaign_->lanes[lane];
  for (;;) {
    const uint64_t standing = other.doing.load();
    const uint64_t now = other.beats.load();
    if (now != beats) return now >> 32 == beats >> 32;
    if (standing == 0 || !slot_alive(segment_, static_cast<uint32_t>(standing & 0xff) - 1)) return false;  // cleared by the test, or dead
    campaign_->lanes[lane_].beats.fetch_add(1);                                                            // it may be waiting for us
    sched_yield();
  }
}

void Doing::end() {
  campaign_->lanes[lane_].beats.fetch_add(1);  // first: nobody may take it for dead
  campaign_->lanes[lane_].doing.store(0);
}

void step(Campaign* campaign) {
  if (campaign->progress.fetch_add(1) % 8 == 0) sched_yield();
}

uint32_t Doing::begin(uint32_t what, uint32_t most, const std::function<bool(uint32_t)>& excludes) {
  Lane* lanes = campaign_->lanes;
  lanes[lane_].doing.store(++number_ << 16 | what << 8 | (segment_->slot + 1));
  uint64_t seen[MOST_LANES];
  for (int i = 0; i < MOST_LANES; ++i) seen[i] = i == lane_ ? 0 : lanes[i].doing.load();
  // All that still stand stood at this moment.
  uint64_t beats[MOST_LANES];
  for (int i = 0; i < MOST_LANES; ++i) beats[i] = lanes[i].beats.load();
  uint32_t standing = 0;
  for (int i = 0; i < MOST_LANES; ++i) {
    if (seen[i] == 0 || !excludes((seen[i] >> 8) & 0xff) || lanes[i].doing.load() != seen[i]) seen[i] = 0;
    else ++standing;
  }
  if (standing <= most) return standing;
  uint32_t living = 0;
  for (int i = 0; i < MOST_LANES; ++i) living += seen[i] != 0 && lives(i, beats[i]) ? 1 : 0;
  if (living > most) fail(__FILE__, __LINE__, "%u others at the same time, where %u may be", living, most);
  return living;
}

Victims::Victims(int lanes, Body body)
    : campaign(shared_memory<Campaign>()), lanes_(lanes), body_(std::move(body)), pids_(static_cast<size_t>(lanes), 0) {
  for (int lane = 0; lane < lanes; ++lane) start_lane(lane);
}

void Victims::start_lane(int lane) {
  const uint64_t life = ++lives_;
  campaign->lanes[lane].doing.store(0);
  pids_[static_cast<size_t>(lane)] = start([&] { body_(*campaign, lane, life); });
}

void Victims::kill_many(uint32_t kills, Random* random, const std::function<void(int)>& after) {
  for (uint32_t i = 0; i < kills; ++i) {
    stage("kill %u of %u", i + 1, kills);
    // All go on, whoever was killed before: or the counter stands still, and the watchdog tells.
    until_reaches(campaign->progress, campaign->progress.load() + random->below(24));
    random_moment(random);
    const int lane = static_cast<int>(random->below(static_cast<uint32_t>(lanes_)));
    kill_process(pids_[static_cast<size_t>(lane)]);
    if (after) after(lane);
    start_lane(lane);
  }
}

void Victims::kill_all() {
  stage("after the last kill");
  for (pid_t& pid : pids_) {
    if (pid != 0) kill_process(pid);
    pid = 0;
  }
}

Victims::~Victims() {
  kill_all();
}

uint32_t kills_wanted() {
  return options().long_run ? 20000 : 2000;
}

}  // namespace native_test
