// Threads that start together.
#ifndef SHAREDCTYPES_TEST_THREADS_H
#define SHAREDCTYPES_TEST_THREADS_H

#include <sched.h>

#include <atomic>
#include <thread>
#include <vector>

namespace native_test {

// Runs `body(number)` in so many threads, and waits for all.
template <typename Body>
void in_threads(int count, Body body) {
  std::atomic<int> there{0};
  std::vector<std::thread> threads;
  for (int number = 0; number < count; ++number) {
    threads.emplace_back([&, number] {
      there.fetch_add(1);
      while (there.load() < count) sched_yield();
      body(number);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Until something that other threads bring about.
template <typename Condition>
void until(Condition condition) {
  while (!condition()) sched_yield();
}

}  // namespace native_test

#endif
