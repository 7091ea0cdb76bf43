// What every shared byte is. docs/LAYOUT.md is the same in prose, for readers in other languages: change both, and LAYOUT_VERSION.
//
// Rules for every word here:
//  - It may be read by a process that we did not start, so readers check what they read against the size of the file.
//  - Its writer may be killed between any two instructions. Each field says who writes it, under what, and what a death leaves.
#ifndef SHAREDCTYPES_CORE_LAYOUT_H
#define SHAREDCTYPES_CORE_LAYOUT_H

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sharedctypes {

constexpr char MAGIC[8] = {'S', 'H', 'C', 'T', 'Y', 'P', 'E', 'S'};
constexpr uint32_t LAYOUT_VERSION = 2;
constexpr uint64_t PAGE = 4096;
constexpr uint64_t UNIT = 64;  // the grain of an arena: one cache line, so that no two objects share one

enum SegmentKind : uint32_t { SEGMENT_ARENA = 1, SEGMENT_OBJECT = 2 };
enum ObjectKind : uint32_t {
  OBJECT_VALUE = 1,
  OBJECT_ARRAY = 2,
  OBJECT_LOCK = 3,
  OBJECT_RLOCK = 4,
  OBJECT_SEMAPHORE = 5,
  OBJECT_BOUNDED_SEMAPHORE = 6,
  OBJECT_CONDITION = 7,
  OBJECT_EVENT = 8,
  OBJECT_BARRIER = 9,
  OBJECT_RWLOCK = 10,
  OBJECT_LAST = OBJECT_RWLOCK
};
enum LockKind : uint32_t { LOCK_NONE = 0, LOCK_PLAIN = 1, LOCK_RECURSIVE = 2 };

// A lock and what belongs to it. 56 bytes, so that an 8-byte value shares its cache line.
struct LockWord {
  union {
    // Written by the C library and, when an owner dies, by the kernel. Robust, process-shared, error-checking. A C program may lock
    // it with pthread_mutex_lock.
    pthread_mutex_t mutex;
    uint8_t space[48];  // x86-64 glibc: 40; arm64 glibc: 48; musl: 40
  };
  // The holder's process id, with the flags below. Written only by the holder, between lock and unlock; 0 while nobody holds it.
  // Killed after the lock and before this word is written: it stays 0, and the next taker reports the dead owner's pid as 0,
  // unknown. Killed later: it names the dead.
  std::atomic<uint32_t> owner;
  // Futex word for watchers (threads that wait without owning). Bit 0: somebody watches; bits 1 to 31 count the wake-ups given.
  // A watcher sets bit 0, then looks at the mutex; whoever unlocks looks at bit 0 afterwards (both sequentially consistent), so one
  // of them sees the other. Killed between unlock and wake-up: watchers look again after WATCH_TICK_MS.
  std::atomic<uint32_t> wake;
};
static_assert(sizeof(pthread_mutex_t) <= 48, "pthread_mutex_t does not fit the layout on this platform");
static_assert(sizeof(LockWord) == 56 && offsetof(LockWord, owner) == 48, "LockWord is part of the layout");

constexpr uint32_t OWNER_PID_MASK = 0x3fffffff;
constexpr uint32_t OWNER_FLOW = 0x40000000;   // held by an asynchronous flow of the owning thread: the fast path steps aside
constexpr uint32_t OWNER_DIRTY = 0x80000000;  // an owner died and nobody has mended what the lock guards. Outlives the holder.
constexpr uint32_t WAKE_WATCHED = 1;
constexpr uint32_t WAKE_STEP = 2;

// At offset 0 of every segment. Written by the creator before the segment can be reached by anyone else, constant ever after.
struct SegmentHeader {
  char magic[8];
  uint32_t version;
  uint32_t segment_kind;
  uint64_t size;  // of the whole file, bytes
  uint64_t id;    // random; with the inode it tells this segment from any other, also from one that got its number later
  uint32_t creator_pid;
  uint32_t mutex_size;    // sizeof(pthread_mutex_t) and the place of its futex word: a C library that disagrees
  uint32_t mutex_offset;  // must not touch the locks
  uint32_t object_kind;   // from here on for SEGMENT_OBJECT, else 0
  uint32_t lock_kind;
  uint32_t type;  // fingerprint of the element's C type
  uint64_t length;
  uint64_t element_size;
  uint64_t lock_offset;  // 0: none
  uint64_t data_offset;
  char type_name[40];     // for people; NUL-terminated, cut if too long
  uint64_t slots_offset;  // of the SlotTable
  uint64_t lot_offset;    // of the ParkingLot
  uint64_t lot_size;      // its header and its records
  uint64_t reserved[7];
};
static_assert(sizeof(SegmentHeader) == 208, "SegmentHeader is part of the layout");

constexpr uint64_t OBJECT_LOCK_OFFSET = 256;   // in a SEGMENT_OBJECT
constexpr uint64_t OBJECT_SMALL_OFFSET = 320;  // data that fits into the first page; larger data starts on the second

// How many processes may use a segment and still be told apart. Later ones share the last slot.
constexpr uint32_t USER_SLOTS = 63;
constexpr uint32_t USER_OVERFLOW = 63;
constexpr uint32_t SLOTS = 64;

// Who uses a segment. In an arena at ARENA_OFFSET, in a segment of one object behind its data.
struct SlotTable {
  union {
    // Guards the slots, and in an arena all descriptors. Held for a few instructions, never while waiting. Every change under it leaves
    // a usable state after each store, so a taker after a death only has to make the mutex consistent.
    pthread_mutex_t mutex;
    uint8_t space[64];
  };
  // Process id in slot i, 0: free. Slot i is alive while somebody holds the open-file lock on byte i of the file, which the kernel
  // drops when the last thread of the process can run no more; a pid without that lock is a dead one's slot. Before a dead slot is
  // given to another process all that stands under its number is given back (sweep_slot). In an arena slot 0 is the creator's.
  std::atomic<uint32_t> slot_pid[SLOTS];
};
static_assert(sizeof(SlotTable) == 320, "SlotTable is part of the layout");

// One thread that waits for something in this segment. Written under ParkingLot::mutex, but for `word`.
struct WaitRecord {
  // Futex word. Bit 0: the waiter sleeps, so whoever grants has to wake it (set by the waiter alone, by compare-and-exchange with 0). Bits
  // 1 to 31: wake-ups granted and not consumed yet; added under the mutex. Granted and then killed: see park_tend.
  std::atomic<uint32_t> word;
  std::atomic<uint32_t> slot;     // of the waiter's process
  std::atomic<uint64_t> key;      // what it waits for, an offset in the segment. 0: the record is free. Written last.
  std::atomic<uint64_t> ticket;   // order of arrival
  std::atomic<uint32_t> count;    // for how many waits it stands: asynchronous waits of one thread share a record
  std::atomic<uint32_t> outcome;  // what the grant means, as below; written before it
};
static_assert(sizeof(WaitRecord) == 32, "WaitRecord is part of the layout");

// Where all who wait for anything in this segment have their records. Records follow.
struct ParkingLot {
  union {
    // Guards all that follows, and in the objects what says so. Held for a few instructions and, while others are woken, a few system
    // calls that do not block. A taker after a death finishes what `unfinished_key` says.
    pthread_mutex_t mutex;
    uint8_t space[64];
  };
  std::atomic<uint64_t> next_ticket;
  // A broadcast is being made: to all records of this key with a lower ticket. 0: none. Whoever takes the mutex after a death goes on with
  // it, so a broadcast reaches everybody or nobody.
  std::atomic<uint64_t> unfinished_key;
  std::atomic<uint64_t> unfinished_ticket;
  std::atomic<uint32_t> unfinished_outcome;
  std::atomic<uint32_t> used;  // no record at this index or behind it is in use
  uint64_t reserved[4];
};
static_assert(sizeof(ParkingLot) == 128, "ParkingLot is part of the layout");

// The number of a ledger and what each process has of it: a semaphore's value with the permits held, an RWLock's readers. See ledger.h.
struct Ledger {
  // Its low half is laid out as glibc's sem_t, and is one that sem_open gives in a named semaphore: bits 0 to 31 value, 32 to 43
  // glibc's count of sleepers; the rest is ours: 44 to 49 slot, 50 to 52 pending change, 53 frozen, 54 to 62 era, 63 set.
  std::atomic<uint64_t> word;
  uint32_t sem_private;  // glibc's: 0 is a semaphore that processes share
  uint32_t sem_pad;
  uint64_t sem_space[2];
  // How many records wait for it; written under ParkingLot::mutex, read by who gives. A death may leave it too high, which costs time only.
  std::atomic<uint32_t> parked;
  // A second kind of waiter (an RWLock's writer).
  std::atomic<uint32_t> parked_too;
  uint32_t bound;          // of a BoundedSemaphore; constant
  uint32_t word_in_front;  // 1: a named semaphore, whose word is at the start of its file, LEDGER_OF_FILE bytes before this; constant
  uint32_t reserved[4];
  // By slot: bits 0 to 31 how much the process has, 32 to 63 the era of the last change that was entered here. See ledger.h.
  std::atomic<uint64_t> held[SLOTS];
};
static_assert(sizeof(Ledger) == 64 + 512, "Ledger is part of the layout");
constexpr uint64_t LEDGER_OF_FILE = OBJECT_SMALL_OFFSET;  // where a named semaphore's Ledger is

// An Event, or a Condition, which has only `parked`.
struct EventBody {
  // Bit 0: set. Bits 1 to 31 count how often it was set from not set. Changed by anybody at any time, by compare-and-exchange. Who waits
  // remembers the word as it was when it was not set, and has waited long enough when the count has moved: so one set() ends each wait that
  // had begun, also if it is cleared at once, and none that begins later. Killed after the change and before the wake-ups: waiters look
  // again.
  std::atomic<uint32_t> word;
  std::atomic<uint32_t> parked;  // as in Ledger
  uint32_t reserved[2];
};
static_assert(sizeof(EventBody) == 16, "EventBody is part of the layout");

// All under ParkingLot::mutex; read by anybody.
struct BarrierBody {
  uint32_t parties;  // constant
  std::atomic<uint32_t> broken;
  std::atomic<uint32_t> waiting;  // parties that have arrived and not been let go: their records, counted anew at each change
  std::atomic<uint32_t> acting;   // 1: all are there, and one of them runs the action
  // Bit i: the process in slot i may be a party: it has come here before, or opened what another made. Set by itself, at any time; cleared
  // by itself when it closes the barrier or exits in good order, and under the mutex when it is dead and the barrier was broken for it.
  std::atomic<uint64_t> members;
};

// WaitRecord::outcome at a barrier.
enum BarrierOutcome : uint32_t {
  BARRIER_WAITS = 0,
  BARRIER_CAN_ACT = 1,   // waits, and its process has the action
  BARRIER_ACTS = 2,      // runs the action; the others wait for it
  BARRIER_RELEASED = 3,  // all were there
  BARRIER_BROKEN = 4
};
// … and elsewhere who inherits the wake-up if the waiter is killed before it used it: those who were in line when it was given, that is
// with a ticket (its low 32 bits) below this. 0: nobody, because it was one for all.
constexpr uint32_t NO_HEIRS = 0;
constexpr uint32_t FIRST_TICKET = 8;  // above the outcomes
static_assert(sizeof(BarrierBody) == 24, "BarrierBody is part of the layout");

// Bytes of data that each kind has at least: what reaches for them trusts the kind.
constexpr uint64_t least_data(uint32_t object_kind) {
  switch (object_kind) {
    case OBJECT_SEMAPHORE:
    case OBJECT_BOUNDED_SEMAPHORE:
    case OBJECT_RWLOCK:
      return sizeof(Ledger);
    case OBJECT_CONDITION:
    case OBJECT_EVENT:
      return sizeof(EventBody);
    case OBJECT_BARRIER:
      return sizeof(BarrierBody);
    default:
      return 0;
  }
}

// Who uses what in an arena; one for each UNIT, of which only an object's first counts.
struct BlockDescriptor {
  // Bit i: the process in slot i has the object open. Set and cleared under SlotTable::mutex. A process that dies leaves its
  // bits; whoever takes over its slot, or its object's place, clears them first. Bit 63 (slots exhausted) is never cleared.
  std::atomic<uint64_t> users;
  // Counts the objects that lived here. Written by the creator under SlotTable::mutex when a block is freed: a handle of
  // an earlier object is stale from then on, before the bytes are used again.
  std::atomic<uint32_t> generation;
  // The rest: written by the creator under SlotTable::mutex before the handle exists.
  uint32_t units;  // 0: no object starts here
  uint32_t object_kind;
  uint32_t lock_kind;
  uint32_t type;
  uint32_t data_offset;  // from the block's start
  uint64_t length;
  uint64_t element_size;
};
static_assert(sizeof(BlockDescriptor) == 48, "BlockDescriptor is part of the layout");

constexpr uint64_t ARENA_OFFSET = 256;
constexpr uint64_t ARENA_LOT_OFFSET = ARENA_OFFSET + sizeof(SlotTable);
constexpr uint64_t ARENA_LOT_SHARE = 8;                                                     // an eighth of an arena is its lot
constexpr uint64_t OBJECT_LOT_SIZE = sizeof(ParkingLot) + 56 * sizeof(WaitRecord);          // at least, for a Value or an Array
constexpr uint64_t OBJECT_LARGE_LOT_SIZE = sizeof(ParkingLot) + 1000 * sizeof(WaitRecord);  // for what is made to wait for

// A named semaphore is the file that sem_open makes and maps, with the rest behind: glibc maps only its 32 bytes.
constexpr uint64_t SEMAPHORE_HEADER_OFFSET = 64;

constexpr uint64_t arena_lot_size(uint64_t size) {
  return size / ARENA_LOT_SHARE / UNIT * UNIT;
}

// What lies where in an arena of `size` bytes: descriptors, and as many blocks.
struct ArenaShape {
  uint64_t descriptors_offset;
  uint64_t blocks_offset;
  uint32_t count;
};
constexpr ArenaShape arena_shape(uint64_t size) {
  const uint64_t descriptors = ARENA_LOT_OFFSET + arena_lot_size(size);
  uint64_t count = (size - descriptors) / (UNIT + sizeof(BlockDescriptor));
  uint64_t offset = (descriptors + count * sizeof(BlockDescriptor) + UNIT - 1) / UNIT * UNIT;
  while (offset + count * UNIT > size) --count;
  return {descriptors, offset, static_cast<uint32_t>(count)};
}

}  // namespace sharedctypes

#endif
