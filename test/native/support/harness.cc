#include "harness.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace native_test {

namespace {

struct Test {
  const char* name;
  Body body;
};

// Seconds after which a test hangs. Far above what any takes on a busy machine.
constexpr unsigned LIMIT = 60, LONG_LIMIT = 1800;

// Shared by the process of the test, those it starts, and the one that prints.
struct Report {
  char text[512];
  char stage[256];
};

Options chosen;
Report* report;
const char* running = "";
pid_t test_process;

std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

uint64_t mixed(uint64_t number) {  // splitmix64
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

double seconds() {
  timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

volatile sig_atomic_t time_is_up;
pid_t watched;
void out_of_time(int) {
  time_is_up = 1;
  kill(watched, SIGKILL);
}

void failed_elsewhere(int) {
  _exit(1);  // what it started dies with it (PR_SET_PDEATHSIG)
}

bool run(const Test& test) {
  memset(report, 0, sizeof *report);
  running = test.name;
  fflush(stdout);
  const double start = seconds();
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    test_process = getpid();
    signal(SIGUSR1, failed_elsewhere);
    test.body();
    exit(0);  // runs LeakSanitizer
  }
  time_is_up = 0;
  watched = pid;
  alarm(chosen.long_run ? LONG_LIMIT : LIMIT);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  alarm(0);
  // What the test left comes to us (PR_SET_CHILD_SUBREAPER). After a failure that is no surprise.
  int left = 0;
  while (waitpid(-1, nullptr, 0) > 0 || errno == EINTR) ++left;
  const bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const bool good = clean && left == 0;
  printf("%s %s%s%s (%.2f s)\n", good ? "ok  " : "FAIL", test.name, report->text[0] ? ": " : "", report->text, seconds() - start);
  if (!good) {
    if (time_is_up) printf("     hangs\n");
    else if (WIFSIGNALED(status)) printf("     killed by signal %d\n", WTERMSIG(status));
    else if (clean) printf("     left %d processes\n", left);
    if (report->stage[0]) printf("     at: %s\n", report->stage);
    printf("     again: --seed %llu --only '%s'\n", static_cast<unsigned long long>(chosen.seed), test.name);
  }
  fflush(stdout);
  return good;
}

}  // namespace

const Options& options() {
  return chosen;
}

Registration::Registration(const char* name, Body body) {
  tests().push_back({name, body});
}

void fail(const char* file, int line, const char* format, ...) {
  char text[400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  const char* base = strrchr(file, '/');
  dprintf(STDOUT_FILENO, "     %s:%d: %s\n", base == nullptr ? file : base + 1, line, text);
  if (getpid() != test_process) kill(test_process, SIGUSR1);
  _exit(1);
}

void note(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t used = strlen(report->text);
  if (used > 0) used += static_cast<size_t>(snprintf(report->text + used, sizeof report->text - used, ", "));
  if (used < sizeof report->text) vsnprintf(report->text + used, sizeof report->text - used, format, arguments);
  va_end(arguments);
}

void stage(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(report->stage, sizeof report->stage, format, arguments);
  va_end(arguments);
}

Random::Random(uint64_t salt) : state_(mixed(chosen.seed) ^ mixed(salt + 1)) {
  for (const char* at = running; *at != 0; ++at) state_ = mixed(state_ ^ static_cast<uint8_t>(*at));
}

uint64_t Random::next() {
  return mixed(state_++);
}

}  // namespace native_test

int main(int count, char** arguments) {
  using namespace native_test;
  timespec at;
  clock_gettime(CLOCK_REALTIME, &at);
  chosen.seed = static_cast<uint64_t>(at.tv_nsec ^ at.tv_sec) % 1000000;
  for (int i = 1; i < count; ++i) {
    if (strcmp(arguments[i], "--long") == 0) chosen.long_run = true;
    else if (strcmp(arguments[i], "--seed") == 0 && i + 1 < count) chosen.seed = strtoull(arguments[++i], nullptr, 10);
    else if (strcmp(arguments[i], "--only") == 0 && i + 1 < count) chosen.only = arguments[++i];
    else {
      fprintf(stderr, "usage: %s [--long] [--seed N] [--only NAME]\n", arguments[0]);
      return 2;
    }
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  struct sigaction action = {};
  action.sa_handler = out_of_time;
  sigaction(SIGALRM, &action, nullptr);
  report = static_cast<Report*>(mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  printf("seed %llu\n", static_cast<unsigned long long>(chosen.seed));
  int passed = 0, failed = 0;
  for (const Test& test : tests()) {
    if (chosen.only != nullptr && strstr(test.name, chosen.only) == nullptr) continue;
    ++(run(test) ? passed : failed);
  }
  printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
