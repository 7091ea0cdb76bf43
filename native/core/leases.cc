#include "leases.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>

namespace sharedctypes {

namespace {

constexpr std::chrono::seconds TEND_EVERY(1);

// Never destroyed: the thread below may outlive the main one.
struct Leases {
  std::mutex mutex;  // guards the rest
  std::unordered_map<ino_t, int> descriptors;
  bool tended = false;  // the thread runs
};

Leases& leases() {
  static auto* all = new Leases();
  return *all;
}

void drop_unlinked(Leases& all) {
  for (auto lease = all.descriptors.begin(); lease != all.descriptors.end();) {
    if (is_linked(lease->second)) {
      ++lease;
      continue;
    }
    close(lease->second);
    lease = all.descriptors.erase(lease);
  }
}

void tend_until_none() {
  Leases& all = leases();
  for (;;) {
    std::this_thread::sleep_for(TEND_EVERY);
    std::lock_guard<std::mutex> guard(all.mutex);
    drop_unlinked(all);
    all.tended = !all.descriptors.empty();
    if (!all.tended) return;
  }
}

// A process's signals are for its other threads.
void start_tending(Leases& all) {
  sigset_t every, before;
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &before);
  try {
    std::thread(tend_until_none).detach();
    all.tended = true;
  } catch (const std::system_error&) {
    drop_unlinked(all);  // no thread to be had: then each block that is closed looks
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace

bool is_linked(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && info.st_nlink > 0;
}

void lease_keep(ino_t inode, int fd) {
  Leases& all = leases();
  std::lock_guard<std::mutex> guard(all.mutex);
  if (!all.descriptors.emplace(inode, fd).second) close(fd);
  if (!all.tended) start_tending(all);
}

void leases_tend() {
  Leases& all = leases();
  std::lock_guard<std::mutex> guard(all.mutex);
  drop_unlinked(all);
}

void lease_drop(ino_t inode) {
  Leases& all = leases();
  std::lock_guard<std::mutex> guard(all.mutex);
  const auto lease = all.descriptors.find(inode);
  if (lease == all.descriptors.end() || is_linked(lease->second)) return;
  close(lease->second);
  all.descriptors.erase(lease);
}

void leases_add_inodes(std::unordered_set<ino_t>* inodes) {
  Leases& all = leases();
  std::lock_guard<std::mutex> guard(all.mutex);
  for (const auto& lease : all.descriptors) inodes->insert(lease.first);
}

}  // namespace sharedctypes
