#include "inspect.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "header.h"
#include "ledger.h"
#include "mutex.h"
#include "semaphore_file.h"

namespace sharedctypes {

namespace {

constexpr int LEDGER_LOOKS = 16;

// False: the file is shorter.
bool read_at(int fd, void* to, size_t bytes, uint64_t at) {
  return pread(fd, to, bytes, static_cast<off_t>(at)) == static_cast<ssize_t>(bytes);
}

Status damaged(Inspection* out, std::string fault) {
  out->found = Inspection::Found::damaged;
  out->fault = std::move(fault);
  return {};
}

// Alive is what slot_alive() means by it.
bool byte_locked(int fd, uint32_t slot) {
  struct flock range = {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = slot;
  range.l_len = 1;
  return fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

bool mutex_sound_at(int fd, uint64_t offset) {
  pthread_mutex_t mutex;
  return offset == 0 || (read_at(fd, &mutex, sizeof mutex, offset) && mutex_sound(&mutex));
}

bool read_users(int fd, Inspection* out) {
  auto table = std::make_unique<SlotTable>();
  if (!read_at(fd, table.get(), sizeof *table, out->header.slots_offset)) return false;
  for (uint32_t slot = 0; slot < SLOTS; ++slot) {
    const bool alive = slot != USER_OVERFLOW && byte_locked(fd, slot);
    const uint32_t pid = table->slot_pid[slot].load();
    if (alive || pid != 0) out->users.push_back({slot, pid, alive, 0});
  }
  return true;
}

void note_held(Inspection* out, uint32_t slot, uint32_t held) {
  if (held == 0) return;
  for (SeenUser& user : out->users) {
    if (user.slot != slot) continue;
    user.held = held;
    return;
  }
  out->users.push_back({slot, 0, false, held});
}

bool read_ledger(int fd, Inspection* out) {
  auto copy = std::make_unique<Ledger>();
  uint64_t word = 0;
  const uint64_t at = out->header.data_offset;
  for (int look = 0; look < LEDGER_LOOKS; ++look) {
    if (!read_at(fd, copy.get(), sizeof *copy, at)) return false;
    const uint64_t word_at = out->header.object_kind != OBJECT_RWLOCK && copy->word_in_front != 0 ? at - LEDGER_OF_FILE : at;
    if (!read_at(fd, &word, sizeof word, word_at)) return false;
    // Entries are those of the word only if no change was begun or entered while they were read.
    uint64_t again = 0;
    if (!read_at(fd, copy->held, sizeof copy->held, at + offsetof(Ledger, held)) || !read_at(fd, &again, sizeof again, word_at))
      return false;
    if (((again ^ word) & Fields::TAG) == 0) break;
  }
  copy->word.store(word);
  out->value = Fields::value(word);
  out->bound = copy->bound;
  out->waiting = copy->parked.load() + (out->header.object_kind == OBJECT_RWLOCK ? copy->parked_too.load() : 0);
  for (uint32_t slot = 0; slot < SLOTS; ++slot) note_held(out, slot, ledger_held({&copy->word, copy.get()}, slot));
  return true;
}

bool read_lock(int fd, Inspection* out) {
  LockWord lock;
  if (!read_at(fd, &lock, sizeof lock, out->header.lock_offset)) return false;
  const uint32_t word = mutex_word(&lock.mutex);
  out->owner_tid = word & FUTEX_TID_MASK;
  out->owner = lock.owner.load();
  out->owner_died = (word & FUTEX_OWNER_DIED) != 0 || (out->owner & OWNER_DIRTY) != 0;  // the kernel's sign, or what a taker made of it
  return true;
}

bool read_event(int fd, Inspection* out) {
  EventBody event;
  if (!read_at(fd, &event, sizeof event, out->header.data_offset)) return false;
  out->value = event.word.load();
  out->waiting = event.parked.load();
  return true;
}

bool read_barrier(int fd, Inspection* out) {
  BarrierBody barrier;
  if (!read_at(fd, &barrier, sizeof barrier, out->header.data_offset)) return false;
  out->bound = barrier.parties;
  out->value = barrier.broken.load();
  out->waiting = barrier.waiting.load();
  return true;
}

bool count_objects(int fd, Inspection* out) {
  const ArenaShape shape = arena_shape(out->header.size);
  std::vector<char> bytes(shape.count * sizeof(BlockDescriptor));
  if (!read_at(fd, bytes.data(), bytes.size(), shape.descriptors_offset)) return false;
  for (uint32_t block = 0; block < shape.count; ++block) {
    const auto* descriptor = reinterpret_cast<const BlockDescriptor*>(bytes.data() + block * sizeof(BlockDescriptor));
    if (descriptor->units != 0 && descriptor->users.load() != 0) ++out->objects;
  }
  return true;
}

bool read_state(int fd, Inspection* out) {
  const SegmentHeader& header = out->header;
  if (header.segment_kind == SEGMENT_ARENA) return count_objects(fd, out);
  if (header.lock_offset != 0 && !read_lock(fd, out)) return false;
  switch (header.object_kind) {
    case OBJECT_SEMAPHORE:
    case OBJECT_BOUNDED_SEMAPHORE:
    case OBJECT_RWLOCK:
      return read_ledger(fd, out);
    case OBJECT_EVENT:
    case OBJECT_CONDITION:
      return read_event(fd, out);
    case OBJECT_BARRIER:
      return read_barrier(fd, out);
    default:
      return true;
  }
}

}  // namespace

Status inspect_file(int fd, Inspection* out) {
  struct stat info;
  if (fstat(fd, &info) != 0) return Status::system("fstat");
  const auto size = static_cast<uint64_t>(info.st_size);
  if (!find_header(fd, size, &out->header, &out->semaphore_file)) {
    char magic[sizeof MAGIC];
    if (plain_semaphore(fd, size, &out->value)) out->found = Inspection::Found::plain_semaphore;
    else if (read_at(fd, magic, sizeof magic, 0) && memcmp(magic, MAGIC, sizeof MAGIC) == 0) damaged(out, "its header is cut off");
    return {};
  }
  const std::string fault = fault_of(out->header, out->semaphore_file, size);
  if (!fault.empty()) return damaged(out, fault);
  for (const uint64_t mutex : {out->header.lock_offset, out->header.slots_offset, out->header.lot_offset}) {
    if (!mutex_sound_at(fd, mutex)) return damaged(out, "one of its locks is damaged");
  }
  out->found = Inspection::Found::segment;
  return read_users(fd, out) && read_state(fd, out) ? Status{} : damaged(out, "it was cut short while it was read");
}

}  // namespace sharedctypes
