#include "header.h"

#include <sys/random.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "mutex.h"

namespace sharedctypes {

ObjectShape object_shape(const ObjectSpec& spec) {
  ObjectShape shape;
  uint64_t bytes, end;
  if (__builtin_mul_overflow(spec.length, spec.element_size, &bytes)) return {};
  shape.data_offset = OBJECT_SMALL_OFFSET + bytes <= PAGE ? OBJECT_SMALL_OFFSET : PAGE;
  if (__builtin_add_overflow(shape.data_offset, bytes, &end) || end > static_cast<uint64_t>(INT64_MAX) - (1 << 20)) return {};
  shape.slots_offset = (end + UNIT - 1) / UNIT * UNIT;
  shape.lot_offset = shape.slots_offset + sizeof(SlotTable);
  const uint64_t lot = spec.object_kind >= OBJECT_SEMAPHORE ? OBJECT_LARGE_LOT_SIZE : OBJECT_LOT_SIZE;
  shape.size = (shape.lot_offset + lot + PAGE - 1) / PAGE * PAGE;
  return shape;
}

void write_header(char* base, uint32_t segment_kind, uint64_t size, const ObjectSpec& spec) {
  auto* header = reinterpret_cast<SegmentHeader*>(base + header_offset(spec.posix_semaphore));
  header->version = LAYOUT_VERSION;
  header->segment_kind = segment_kind;
  header->size = size;
  if (getrandom(&header->id, sizeof header->id, 0) != sizeof header->id) header->id = static_cast<uint64_t>(getpid()) << 32;
  header->creator_pid = static_cast<uint32_t>(getpid());
  header->mutex_size = sizeof(pthread_mutex_t);
  header->mutex_offset = mutex_futex_offset();
  header->slots_offset = ARENA_OFFSET;
  header->lot_offset = ARENA_LOT_OFFSET;
  header->lot_size = arena_lot_size(size);
  if (segment_kind == SEGMENT_OBJECT) {
    const ObjectShape shape = object_shape(spec);
    header->object_kind = spec.object_kind;
    header->lock_kind = spec.lock_kind;
    header->type = spec.type;
    header->length = spec.length;
    header->element_size = spec.element_size;
    header->data_offset = shape.data_offset;
    header->slots_offset = shape.slots_offset;
    header->lot_offset = shape.lot_offset;
    header->lot_size = size - shape.lot_offset;
    if (spec.lock_kind != LOCK_NONE) {
      header->lock_offset = OBJECT_LOCK_OFFSET;
      mutex_init(&reinterpret_cast<LockWord*>(base + OBJECT_LOCK_OFFSET)->mutex);
    }
    snprintf(header->type_name, sizeof header->type_name, "%s", spec.type_name.c_str());
  }
  mutex_init(&reinterpret_cast<SlotTable*>(base + header->slots_offset)->mutex);
  auto* lot = reinterpret_cast<ParkingLot*>(base + header->lot_offset);
  mutex_init(&lot->mutex);
  lot->next_ticket.store(FIRST_TICKET);
  std::atomic_thread_fence(std::memory_order_release);
  memcpy(header->magic, MAGIC, sizeof MAGIC);
}

bool find_header(int fd, uint64_t file_size, SegmentHeader* header, bool* semaphore_file) {
  for (const bool posix : {false, true}) {
    const uint64_t at = header_offset(posix);
    if (file_size < at + sizeof *header || pread(fd, header, sizeof *header, static_cast<off_t>(at)) != sizeof *header) return false;
    *semaphore_file = posix;
    if (memcmp(header->magic, MAGIC, sizeof MAGIC) == 0) return true;
  }
  return false;
}

std::string fault_of(const SegmentHeader& header, bool semaphore_file, uint64_t file_size) {
  const bool semaphore = header.object_kind == OBJECT_SEMAPHORE || header.object_kind == OBJECT_BOUNDED_SEMAPHORE;
  if (semaphore_file && !(header.segment_kind == SEGMENT_OBJECT && semaphore)) return "a semaphore's header on something else";
  if (header.version != LAYOUT_VERSION) {
    return "expected layout version " + std::to_string(LAYOUT_VERSION) + ", found " + std::to_string(header.version);
  }
  if (header.size != file_size) {
    return "its header says " + std::to_string(header.size) + " bytes, the file has " + std::to_string(file_size);
  }
  if (header.mutex_size != sizeof(pthread_mutex_t) || header.mutex_offset != mutex_futex_offset()) {
    return "it was made with another C library, whose mutexes differ";
  }
  if (header.segment_kind == SEGMENT_ARENA) {
    if (file_size < PAGE) return "it is too short for an arena";
    const bool placed = header.lock_offset == 0 && header.slots_offset == ARENA_OFFSET && header.lot_offset == ARENA_LOT_OFFSET &&
                        header.lot_size == arena_lot_size(file_size);
    return placed ? "" : "its slots or its lot are not where they belong";
  }
  if (header.segment_kind != SEGMENT_OBJECT) return "unknown kind of segment " + std::to_string(header.segment_kind);
  if (header.object_kind < OBJECT_VALUE || header.object_kind > OBJECT_LAST) {
    return "unknown kind of object " + std::to_string(header.object_kind);
  }
  if (header.lock_kind > LOCK_RECURSIVE) return "unknown kind of lock " + std::to_string(header.lock_kind);
  if ((header.lock_kind == LOCK_NONE) != (header.lock_offset == 0) ||
      (header.lock_offset != 0 && header.lock_offset != OBJECT_LOCK_OFFSET)) {
    return "its lock is not where it belongs";
  }
  uint64_t bytes;
  if (header.data_offset % 8 != 0 || header.data_offset < sizeof header || header.data_offset > file_size ||
      __builtin_mul_overflow(header.length, header.element_size, &bytes) || bytes > file_size - header.data_offset) {
    return "its data lies outside the file";
  }
  if (header.lock_offset != 0 && header.data_offset < header.lock_offset + sizeof(LockWord)) return "its data covers its lock";
  if (bytes < least_data(header.object_kind)) return "its data is too short for its kind";
  if (semaphore && header.data_offset < LEDGER_OF_FILE) return "its ledger is too near to the start of the file";
  const uint64_t data_end = header.data_offset + bytes;
  if (header.slots_offset % 8 != 0 || header.slots_offset < data_end || header.slots_offset > file_size - sizeof(SlotTable) ||
      header.lot_offset % 8 != 0 || header.lot_offset < header.slots_offset + sizeof(SlotTable) ||
      header.lot_offset > file_size - sizeof(ParkingLot) || header.lot_size > file_size - header.lot_offset ||
      header.lot_size < OBJECT_LOT_SIZE) {
    return "its slots or its lot lie outside the file";
  }
  return "";
}

}  // namespace sharedctypes
