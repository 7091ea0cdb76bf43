// The look from outside: of damaged files, of files that change under it, and without leaving anything behind.
#include "../../../native/core/inspect.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "../../../native/core/slots.h"
#include "../support/harness.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

int file_of(const std::vector<char>& bytes) {
  const int fd = memfd_create("sharedctypes-native", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  CHECK(fd >= 0);
  CHECK_EQUAL(write(fd, bytes.data(), bytes.size()), bytes.size());
  return fd;
}

std::vector<char> bytes_of(const Segment* segment) {
  return {segment->base(), segment->base() + segment->size()};
}

}  // namespace

TEST("inspect: damaged headers, refused where opening refuses them") {
  Random random;
  const auto semaphore = make_semaphore(3), event = make_event(), barrier = make_barrier(2), rwlock = make_rwlock();
  const auto array = make_object(OBJECT_ARRAY, 5000, LOCK_RECURSIVE);
  std::unique_ptr<Segment> arena;
  CHECK(create_anonymous(SEGMENT_ARENA, 64 << 10, {}, &arena).ok());
  uint32_t sound = 0, damaged = 0;
  for (const Segment* each : {semaphore.get(), event.get(), barrier.get(), rwlock.get(), array.get(), arena.get()}) {
    const std::vector<char> whole = bytes_of(each);
    for (int i = 0; i < 500; ++i) {
      std::vector<char> bytes = whole;
      for (uint32_t k = random.below(3); k < 2; ++k) {
        const uint64_t value = random.below(2) == 0 ? random.next() : bytes.size() - random.below(512);
        memcpy(&bytes[random.below(sizeof(SegmentHeader) / 4 - 1) * 4], &value, random.below(2) == 0 ? 4 : 8);
      }
      if (random.below(8) == 0) bytes.resize(random.below(static_cast<uint32_t>(bytes.size())));
      const int fd = file_of(bytes);
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
      Inspection seen;
      CHECK(inspect_file(fd, &seen).ok());
      const bool found = seen.found == Inspection::Found::segment;
      CHECK_EQUAL(seen.found == Inspection::Found::damaged, !seen.fault.empty());
      ++(found ? sound : damaged);
      std::unique_ptr<Segment> segment;
      CHECK_EQUAL(open_descriptor(fd, "damaged", &segment).ok(), found);
    }
  }
  CHECK(sound > 0 && damaged > 0);
  note("%u sound, %u not", sound, damaged);
}

TEST("inspect: damaged states and random files") {
  Random random;
  const auto semaphore = make_semaphore(3), event = make_event(), barrier = make_barrier(2), rwlock = make_rwlock();
  for (const Segment* each : {semaphore.get(), event.get(), barrier.get(), rwlock.get()}) {
    std::vector<char> bytes = bytes_of(each);
    for (int i = 0; i < 300; ++i) {
      const uint64_t value = random.next();
      memcpy(&bytes[sizeof(SegmentHeader) + random.below(static_cast<uint32_t>(bytes.size() - sizeof(SegmentHeader) - 8))], &value, 8);
      const int fd = file_of(bytes);
      Inspection seen;
      CHECK(inspect_file(fd, &seen).ok());
      close(fd);
    }
  }
  for (int i = 0; i < 500; ++i) {
    std::vector<char> bytes(random.below(400));
    for (char& each : bytes) each = static_cast<char>(random.next());
    const int fd = file_of(bytes);
    Inspection seen;
    CHECK(inspect_file(fd, &seen).ok());
    close(fd);
  }
}

TEST("inspect: a file that is cut short and grown meanwhile") {
  const auto semaphore = make_semaphore(3);
  const std::vector<char> bytes = bytes_of(semaphore.get());
  const int fd = file_of(bytes);
  std::atomic<bool> done{false};
  std::thread other([&] {
    Random random;
    while (!done.load()) {
      CHECK_EQUAL(ftruncate(fd, random.below(static_cast<uint32_t>(bytes.size()))), 0);
      CHECK_EQUAL(pwrite(fd, bytes.data(), bytes.size(), 0), bytes.size());
    }
  });
  uint32_t whole = 0;
  for (int i = 0; i < 3000; ++i) {
    Inspection seen;
    CHECK(inspect_file(fd, &seen).ok());
    if (seen.found == Inspection::Found::segment) ++whole;
  }
  done.store(true);
  other.join();
  close(fd);
  note("%u of 3000 whole", whole);
}

TEST("inspect: users, permits and the lock are told, and nothing is changed") {
  const auto semaphore = make_semaphore(3);
  std::unique_ptr<Segment> other;
  CHECK(open_remote(getpid(), semaphore->fd(), semaphore->inode(), &other).ok());
  join_slots(other.get());
  CHECK(semaphore_try(semaphore_of(semaphore.get()).at, semaphore->slot));
  CHECK(semaphore_try(semaphore_of(other.get()).at, other->slot));
  CHECK(semaphore_try(semaphore_of(other.get()).at, other->slot));
  const std::vector<char> before = bytes_of(semaphore.get());
  const std::string path = "/proc/self/fd/" + std::to_string(semaphore->fd());
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);  // anew: the locks of a descriptor do not show in its own question
  Inspection seen;
  CHECK(inspect_file(fd, &seen).ok());
  close(fd);
  CHECK(seen.found == Inspection::Found::segment);
  CHECK_EQUAL(seen.value, 0u);
  CHECK_EQUAL(seen.users.size(), 2u);
  for (const SeenUser& user : seen.users) {
    CHECK(user.alive);
    CHECK_EQUAL(user.pid, static_cast<uint32_t>(getpid()));
    CHECK_EQUAL(user.held, user.slot == semaphore->slot ? 1u : 2u);
  }
  CHECK(before == bytes_of(semaphore.get()));
}
