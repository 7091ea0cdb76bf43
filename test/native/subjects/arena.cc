// Arenas: objects are made, closed and made again; handles of earlier ones are stale.
#include "../../../native/core/arena.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "../../../native/core/header.h"
#include "../../../native/core/registry.h"
#include "../../../native/core/shm_file.h"
#include "../support/harness.h"
#include "../support/objects.h"
#include "../support/threads.h"

using namespace native_test;

namespace {

ObjectSpec value_of(uint64_t bytes, uint32_t lock_kind) {
  ObjectSpec spec;
  spec.object_kind = bytes > 8 ? OBJECT_ARRAY : OBJECT_VALUE;
  spec.lock_kind = lock_kind;
  spec.length = bytes;
  spec.element_size = 1;
  return spec;
}

}  // namespace

TEST("arena: objects made and closed at random keep apart") {
  std::lock_guard<std::mutex> guard(registry_mutex());
  Random random;
  struct Object {
    Place place;
    uint64_t bytes;
    char fill;
  };
  std::vector<Object> objects;
  std::vector<Place> gone;
  constexpr int CHANGES = 20000;
  for (int i = 0; i < CHANGES; ++i) {
    if (objects.size() < 300 && random.below(2) == 0) {
      Object object = {{}, 1 + random.below(random.below(4) == 0 ? 3900 : 60), static_cast<char>(1 + random.below(100))};
      const ObjectSpec spec = value_of(object.bytes, random.below(2) == 0 ? LOCK_NONE : LOCK_PLAIN);
      CHECK(arena_bytes(spec) <= ARENA_LARGEST_OBJECT);
      CHECK(arena_create(spec, &object.place).ok());
      char* data = registry_at(object.place.segment)->base() + object.place.data_offset;
      for (uint64_t k = 0; k < object.bytes; ++k) CHECK_EQUAL(data[k], 0);
      memset(data, object.fill, object.bytes);
      objects.push_back(object);
    } else if (!objects.empty()) {
      const size_t which = random.below(static_cast<uint32_t>(objects.size()));
      const Object object = objects[which];
      const char* data = registry_at(object.place.segment)->base() + object.place.data_offset;
      for (uint64_t k = 0; k < object.bytes; ++k) CHECK_EQUAL(data[k], object.fill);
      Place again;
      CHECK(arena_open(object.place.segment, object.place.offset, object.place.generation, &again).ok());
      CHECK_EQUAL(again.data_offset, object.place.data_offset);
      close_object(again.segment, again.block);
      close_object(object.place.segment, object.place.block);
      objects[which] = objects.back();
      objects.pop_back();
      if (gone.size() < 100) gone.push_back(object.place);
    }
  }
  Place place;
  for (const Place& each : gone) CHECK(arena_open(each.segment, each.offset, each.generation, &place).problem == Problem::stale);
  for (const Object& object : objects) close_object(object.place.segment, object.place.block);
  note("%d changes", CHANGES);
}

TEST("arena: places where no object is") {
  std::lock_guard<std::mutex> guard(registry_mutex());
  Place place, found;
  CHECK(arena_create(value_of(200, LOCK_NONE), &place).ok());
  const Segment* segment = registry_at(place.segment);
  for (const uint64_t offset : {uint64_t{0}, place.offset + 1, place.offset - 1, segment->size(), uint64_t{1} << 63, ~uint64_t{0}}) {
    CHECK(arena_open(place.segment, offset, place.generation, &found).problem == Problem::mismatch);
  }
  for (const uint64_t offset : {place.offset + UNIT, segment->size() / UNIT * UNIT - UNIT}) {  // inside of it, and behind all
    CHECK(!arena_open(place.segment, offset, 0, &found).ok());
  }
  CHECK(arena_open(place.segment, place.offset, place.generation + 1, &found).problem == Problem::stale);
  close_object(place.segment, place.block);
}

TEST("arena: threads that make and close objects") {
  constexpr int THREADS = 4, ROUNDS = 2000;
  in_threads(THREADS, [&](int number) {
    for (int i = 0; i < ROUNDS; ++i) {
      Place place;
      char* data;
      {
        std::lock_guard<std::mutex> guard(registry_mutex());
        CHECK(arena_create(value_of(8, LOCK_NONE), &place).ok());
        data = registry_at(place.segment)->base() + place.data_offset;
      }
      memset(data, number + 1, 8);
      for (int k = 0; k < 8; ++k) CHECK_EQUAL(data[k], number + 1);
      std::lock_guard<std::mutex> guard(registry_mutex());
      close_object(place.segment, place.block);
    }
  });
}

TEST("segments: named, published once, opened, and unlinked only if it is still that one") {
  char name[64];
  snprintf(name, sizeof name, "sharedctypes-native-%d", getpid());
  ObjectSpec spec = value_of(100, LOCK_PLAIN);
  const uint64_t size = object_shape(spec).size;
  std::unique_ptr<Segment> segment, other, opened;
  CHECK(create_unnamed_file(size, 0600, spec, &segment).ok());
  CHECK(create_unnamed_file(size, 0600, spec, &other).ok());
  CHECK(open_named(name, &opened).error == ENOENT);
  CHECK(link_file(segment->fd(), name).ok());
  CHECK(link_file(other->fd(), name).error == EEXIST);
  CHECK(open_named(name, &opened).ok());
  CHECK_EQUAL(opened->inode(), segment->inode());
  CHECK(opened->base() != segment->base());
  segment->base()[segment->header()->data_offset] = 42;
  CHECK_EQUAL(opened->base()[opened->header()->data_offset], 42);
  CHECK(unlink_named(name, other->inode(), other->device()).problem == Problem::stale);
  CHECK(unlink_named(name, segment->inode(), segment->device()).ok());
  CHECK(open_remote(getpid(), segment->fd(), other->inode(), &opened).problem == Problem::stale);
}
