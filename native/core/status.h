// What a core function answers instead of throwing: fine, a failed system call, or a refusal of ours.
#ifndef SHAREDCTYPES_CORE_STATUS_H
#define SHAREDCTYPES_CORE_STATUS_H

#include <cerrno>
#include <string>
#include <utility>

namespace sharedctypes {

enum class Problem { none, system, mismatch, stale };

struct Status {
  Problem problem = Problem::none;
  int error = 0;             // errno, for Problem::system
  const char* syscall = "";  // for Problem::system
  std::string path;          // for Problem::system, where there is one
  std::string detail;        // for the others: what was expected and what was found

  bool ok() const { return problem == Problem::none; }
  static Status system(const char* syscall, std::string path = {}) { return {Problem::system, errno, syscall, std::move(path), {}}; }
  static Status system(int error, const char* syscall, std::string path = {}) {
    return {Problem::system, error, syscall, std::move(path), {}};
  }
  static Status mismatch(std::string detail) { return {Problem::mismatch, 0, "", {}, std::move(detail)}; }
  static Status stale(std::string detail) { return {Problem::stale, 0, "", {}, std::move(detail)}; }
};

}  // namespace sharedctypes

#endif
