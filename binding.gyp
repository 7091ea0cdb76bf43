{
  "targets": [
    {
      "target_name": "sharedctypes",
      "sources": [
        "native/addon.cc",
        "native/binding/barriers.cc",
        "native/binding/errors.cc",
        "native/binding/floats.cc",
        "native/binding/inspect.cc",
        "native/binding/locks.cc",
        "native/binding/managers.cc",
        "native/binding/memory.cc",
        "native/binding/raw_blocks.cc",
        "native/binding/ready_queue.cc",
        "native/binding/rwlocks.cc",
        "native/binding/semaphores.cc",
        "native/binding/thread_state.cc",
        "native/binding/waits.cc",
        "native/binding/watches.cc",
        "native/core/arena.cc",
        "native/core/barrier.cc",
        "native/core/event.cc",
        "native/core/futex.cc",
        "native/core/header.cc",
        "native/core/inspect.cc",
        "native/core/ledger.cc",
        "native/core/manager.cc",
        "native/core/manager_table.cc",
        "native/core/mutex.cc",
        "native/core/orphans.cc",
        "native/core/parking.cc",
        "native/core/raw_block.cc",
        "native/core/registry.cc",
        "native/core/reserve.cc",
        "native/core/rwlock.cc",
        "native/core/segment.cc",
        "native/core/semaphore.cc",
        "native/core/semaphore_file.cc",
        "native/core/shm_file.cc",
        "native/core/slots.cc",
        "native/core/spin.cc",
        "native/core/sweep.cc",
        "native/core/watched_waits.cc",
        "native/core/watcher.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "cflags_cc": ["-std=c++17", "-O2", "-fno-plt", "-Wall", "-Wextra", "-fvisibility=hidden", "-fexceptions"],
      "ldflags": ["-Wl,-z,now"]
    },
    {
      # The helper process of a SharedMemoryManager. As needed: not the C++ library, which would be most of its memory.
      "target_name": "sharedctypes-manager",
      "type": "executable",
      "sources": ["native/manager/manager.cc", "native/core/manager_table.cc"],
      "cflags_cc": ["-std=c++17", "-Os", "-Wall", "-Wextra"],
      "ldflags": ["-Wl,--as-needed", "-Wl,-z,now", "-s"]
    }
  ]
}
