{
  "targets": [
    {
      "target_name": "sharedctypes",
      "sources": [
        "native/addon.cc",
        "native/binding/errors.cc",
        "native/binding/floats.cc",
        "native/binding/locks.cc",
        "native/binding/memory.cc",
        "native/binding/ready_queue.cc",
        "native/binding/thread_state.cc",
        "native/core/arena.cc",
        "native/core/mutex.cc",
        "native/core/registry.cc",
        "native/core/segment.cc",
        "native/core/watcher.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti"],
      "cflags_cc": ["-std=c++17", "-O2", "-fno-plt", "-Wall", "-Wextra", "-fvisibility=hidden", "-fexceptions"],
      "ldflags": ["-Wl,-z,now"]
    }
  ]
}
