// Those who make, open, keep and sweep raw blocks, killed at random instructions.
#include "../../../native/core/orphans.h"

#include <unistd.h>

#include "../../../native/core/shm_file.h"
#include "../../../native/core/spin.h"
#include "../support/processes.h"
#include "../support/raw.h"

using namespace native_test;

namespace {

constexpr size_t MOST_HELD = 5;
// Pauses: how much the moment of attaching varies, and how much earlier than the sweep it can be.
constexpr uint32_t JITTER = 40;
constexpr uint32_t HEAD_START = 400;

struct Count {
  std::atomic<uint64_t> made, opened, missing, removed;
};

// Nobody unlinks but those who sweep: so what somebody holds must keep its name.
void open_any(Random* own, const Bystanders& bystanders, std::vector<Named>* held, Count* count) {
  const auto names = raw_names();
  Named opened{nullptr, names[own->below(static_cast<uint32_t>(names.size()))]};
  if (held->size() >= MOST_HELD || bystanders.include(opened.name)) return;
  const Status status = raw_open(opened.name, &opened.block);
  (status.ok() ? count->opened : count->missing).fetch_add(1);
  if (status.ok()) held->push_back(std::move(opened));
  else CHECK_EQUAL(status.error, ENOENT);
}

// One step of a victim's.
void live(Random* own, const Bystanders& bystanders, std::vector<Named>* held, Count* count) {
  switch (own->below(5)) {
    case 0:
    case 1:
      if (held->size() >= MOST_HELD) break;
      held->push_back(make_automatic());
      count->made.fetch_add(1);
      break;
    case 2:
      open_any(own, bystanders, held, count);
      break;
    case 3: {
      Sweep found;
      CHECK(sweep_orphans(own->below(2) == 0, &found).ok());
      count->removed.fetch_add(found.removed.size());
      break;
    }
    case 4:
      if (!held->empty()) held->erase(held->begin() + own->below(static_cast<uint32_t>(held->size())));
  }
  for (const Named& each : *held) check_whole(each);
}

}  // namespace

TEST("kills: those who make, open and sweep raw blocks") {
  own_shm();
  const uint32_t kills = kills_wanted();
  Random random;
  const Bystanders bystanders;
  auto* count = shared_memory<Count>();
  {
    Victims victims(4, [&](Campaign& all, int, uint64_t life) {
      Random own(life);
      std::vector<Named> held;
      for (;;) {
        live(&own, bystanders, &held, count);
        step(&all);
      }
    });
    victims.kill_many(kills, &random, [&](int) { bystanders.check(); });
  }
  Sweep found;
  CHECK(sweep_orphans(true, &found).ok());
  bystanders.check();
  CHECK_EQUAL(raw_names().size(), BYSTANDERS);
  note("%u killed, %llu made, %llu opened, %llu missing, %llu removed", kills, static_cast<unsigned long long>(count->made.load()),
       static_cast<unsigned long long>(count->opened.load()), static_cast<unsigned long long>(count->missing.load()),
       static_cast<unsigned long long>(count->removed.load()));
}

// At the same moment on two CPUs: the kernel decides who comes first, also within its own calls.
TEST("kills: attaching raced by a sweep") {
  own_shm();
  const uint32_t rounds = options().long_run ? 500000 : 25000;
  struct Race {
    std::atomic<uint64_t> round, begun, swept;
  };
  auto* race = shared_memory<Race>();
  const pid_t pid = start([&] {
    for (uint64_t i = 1;; ++i) {
      until_reaches(race->round, i);
      race->begun.store(i);
      pause_cpu(HEAD_START);
      Sweep found;
      CHECK(sweep_orphans(true, &found).ok());
      race->swept.store(i);
    }
  });
  Random random;
  uint32_t attached = 0, pauses = 0;
  for (uint64_t i = 1; i <= rounds; ++i) {
    const std::string name = make_orphan();
    race->round.store(i);
    until_reaches(race->begun, i);
    for (uint32_t left = pauses + random.below(JITTER); left > 0; --left) pause_cpu(1);
    std::unique_ptr<RawBlock> block;
    const Status status = raw_open(name, &block);
    if (!status.ok()) CHECK_EQUAL(status.error, ENOENT);
    until_reaches(race->swept, i);
    if (status.ok()) check_whole(*block, name);
    else CHECK(!is_there(name));
    // Later after a success and earlier after a failure: so it stays near the moment when it is decided, however fast the machine is.
    if (status.ok()) ++pauses;
    else if (pauses > 0) --pauses;
    attached += status.ok() ? 1 : 0;
    unlink(shm_path(name).c_str());
  }
  kill_process(pid);
  note("%u rounds, %u attached", rounds, attached);
}

// One that stands still with everything a sweep can hold keeps nobody from anything but sweeping.
TEST("stopped: a sweeper") {
  own_shm();
  const uint32_t rounds = options().long_run ? 5000 : 500;
  Random random;
  const Bystanders bystanders;
  auto* swept = shared_memory<std::atomic<uint64_t>>();
  const pid_t pid = start([&] {
    for (;;) {
      make_orphan();
      Sweep found;
      CHECK(sweep_orphans(true, &found).ok());
      swept->fetch_add(1);
    }
  });
  uint32_t skipped = 0;
  for (uint32_t i = 0; i < rounds; ++i) {
    until_reaches(*swept, swept->load() + 1);
    random_moment(&random);
    stop_process(pid);
    const std::string orphan = make_orphan();
    const Named mine = make_automatic();
    Sweep found;
    CHECK(sweep_orphans(false, &found).ok());
    if (is_there(orphan)) ++skipped;
    for (const std::string& name : raw_names()) {
      std::unique_ptr<RawBlock> opened;
      const Status status = raw_open(name, &opened);
      if (!status.ok()) CHECK_EQUAL(status.error, ENOENT);
      else if (!bystanders.include(name)) check_whole(*opened, name);
    }
    check_whole(mine);
    unlink(shm_path(mine.name).c_str());
    continue_process(pid);
  }
  kill_process(pid);
  bystanders.check();
  CHECK(skipped > 0);
  note("%u times, %u of them while it swept", rounds, skipped);
}
