// Shared memory that somebody has damaged: refused, or used without reading or writing outside of it. AddressSanitizer and UBSan are the
// judges.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "../../../native/core/arena.h"
#include "../../../native/core/header.h"
#include "../../../native/core/mutex.h"
#include "../../../native/core/registry.h"
#include "../../../native/core/slots.h"
#include "../../../native/core/sweep.h"
#include "../support/harness.h"
#include "../support/usage.h"

using namespace native_test;

namespace {

// A file with these bytes, sealed as an arena is.
int file_of(const std::vector<char>& bytes) {
  const int fd = memfd_create("sharedctypes-native", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  CHECK(fd >= 0);
  CHECK_EQUAL(write(fd, bytes.data(), bytes.size()), bytes.size());
  fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  return fd;
}

std::vector<char> bytes_of(const Segment* segment) {
  return {segment->base(), segment->base() + segment->size()};
}

uint64_t tempting(Random* random, uint64_t size) {
  switch (random->below(8)) {
    case 0:
      return 0;
    case 1:
      return size;
    case 2:
      return size - random->below(512);
    case 3:
      return ~uint64_t{0} - random->below(512);
    case 4:
      return uint64_t{1} << random->below(64);
    case 5:
      return random->below(1024);
    case 6:
      return size / 8 * 8 - 8 * random->below(64);
    default:
      return random->next();
  }
}

// All that reaches for what a header says, in a segment that was let in.
void use(Segment* segment) {
  join_slots(segment);
  {
    ShortLock lock(&slot_table(segment)->mutex);
    sweep_dead(segment);
  }
  const WaitKey key = key_of(segment);
  uint32_t record = NO_RECORD;
  bool freed;
  if (park(key, nullptr, 0, &record) == Parked::waiting) {
    unpark(key, 2);
    park_tend(key);
    park_leave(key, record, &freed);
  }
  unpark(key, ALL);
  if (!segment->is_arena()) {
    const uint64_t end = segment->header()->data_offset + segment->header()->length * segment->header()->element_size;
    CHECK(end <= segment->size());
    switch (segment->header()->object_kind) {
      case OBJECT_SEMAPHORE:
      case OBJECT_BOUNDED_SEMAPHORE:
        semaphore_try(semaphore_of(segment).at, segment->slot);
        semaphore_tend(semaphore_of(segment));
        break;
      case OBJECT_RWLOCK:
        read_try(rwlock_of(segment).at, segment->slot, false);
        rwlock_tend(rwlock_of(segment));
        break;
      case OBJECT_EVENT:
        event_set(event_of(segment));
        break;
      case OBJECT_BARRIER:
        barrier_tend(barrier_of(segment));
        break;
      default:
        break;
    }
  }
  leave_slots(segment);
}

}  // namespace

TEST("untrusted: headers with one or two fields damaged") {
  Random random;
  const auto semaphore = make_semaphore(3), event = make_event(), rwlock = make_rwlock();
  const auto array = make_object(OBJECT_ARRAY, 5000, LOCK_RECURSIVE);
  std::unique_ptr<Segment> arena;
  CHECK(create_anonymous(SEGMENT_ARENA, 64 << 10, {}, &arena).ok());
  uint32_t opened = 0, refused = 0;
  for (const Segment* each : {semaphore.get(), event.get(), rwlock.get(), array.get(), arena.get()}) {
    const std::vector<char> whole = bytes_of(each);
    for (int i = 0; i < 1500; ++i) {
      std::vector<char> bytes = whole;
      for (uint32_t k = random.below(2); k < 2; ++k) {
        const uint64_t value = tempting(&random, bytes.size());
        const uint32_t at = 8 + random.below((sizeof(SegmentHeader) - 8) / 4) * 4;
        memcpy(&bytes[at], &value, random.below(2) == 0 || at + 8 > sizeof(SegmentHeader) ? 4 : 8);
      }
      if (random.below(16) == 0) bytes.resize(random.below(static_cast<uint32_t>(bytes.size())));
      std::unique_ptr<Segment> segment;
      if (!open_descriptor(file_of(bytes), "damaged", &segment).ok()) {
        ++refused;
        continue;
      }
      ++opened;
      use(segment.get());
    }
  }
  CHECK(opened > 0 && refused > opened);
  note("%u refused, %u used", refused, opened);
}

TEST("untrusted: lots and ledgers with damaged words") {
  Random random;
  const auto semaphore = make_semaphore(3), event = make_event(), barrier = make_barrier(2), rwlock = make_rwlock();
  constexpr int ROUNDS = 500;
  for (const Segment* each : {semaphore.get(), event.get(), barrier.get(), rwlock.get()}) {
    const std::vector<char> whole = bytes_of(each);
    for (int i = 0; i < ROUNDS; ++i) {
      std::vector<char> bytes = whole;
      // Counts are kept low: what is damaged may cost time, and a loop of 4 billion steps would only tell that.
      for (uint32_t k = random.below(20); k < 20; ++k) {
        const bool in_lot = random.below(2) == 0;
        const uint64_t from = in_lot ? each->header()->lot_offset + sizeof(pthread_mutex_t) + 24 : each->header()->data_offset;
        const uint64_t length = in_lot ? 64 + 8 * sizeof(WaitRecord) : least_data(each->header()->object_kind);
        const uint32_t value = random.below(3) == 0 ? ~uint32_t{0} : random.below(2000);
        // Not the count in a slot's entry, nor a semaphore's value, for the same reason.
        memcpy(&bytes[from + random.below(static_cast<uint32_t>(length / 4)) * 4], &value, in_lot ? 4 : 1);
      }
      std::unique_ptr<Segment> segment;
      if (open_descriptor(file_of(bytes), "damaged", &segment).ok()) use(segment.get());
    }
  }
  note("%d", 4 * ROUNDS);
}

TEST("untrusted: descriptors of an arena, in its creator and in others") {
  std::lock_guard<std::mutex> guard(registry_mutex());
  Random random;
  ObjectSpec spec;
  spec.object_kind = OBJECT_SEMAPHORE;
  spec.length = sizeof(Ledger);
  spec.element_size = 1;
  uint32_t opened = 0, refused = 0;
  for (int i = 0; i < 3000; ++i) {
    Place place, again;
    CHECK(arena_create(spec, &place).ok());
    Segment* segment = registry_at(place.segment);
    semaphore_init(semaphore_at(segment, place.data_offset), 1, SEMAPHORE_MOST);
    BlockDescriptor* descriptor = arena_descriptor(segment, place.block);
    const auto damaged = [&] { return static_cast<uint32_t>(tempting(&random, segment->size())); };
    switch (random.below(6)) {
      case 0:
        descriptor->units = damaged();
        break;
      case 1:
        descriptor->data_offset = damaged();
        break;
      case 2:
        descriptor->length = tempting(&random, segment->size());
        break;
      case 3:
        descriptor->element_size = tempting(&random, segment->size());
        break;
      case 4:
        descriptor->lock_kind = damaged();
        break;
      default:
        descriptor->object_kind = random.below(OBJECT_LAST + 2);
    }
    if (arena_open(place.segment, place.offset, place.generation, &again).ok()) {
      ++opened;
      const BlockContent& content = again.content;
      CHECK(again.data_offset + content.length * content.element_size <= place.offset + content.units * UNIT);
      CHECK(place.offset + content.units * UNIT <= segment->size());
      close_object(again.segment, again.block);
    } else {
      ++refused;
    }
    close_object(place.segment, place.block);  // gives back, and puts its place among the free ones
  }
  CHECK(opened > 0 && refused > 0);
  note("%u refused, %u used", refused, opened);
}
