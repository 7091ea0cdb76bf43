"""Holds blocks in CPython's ways and looks after them when asked, a line for a line: attached, only mapped with its descriptor closed, and its own ones."""

import ctypes
import json
import os
import sys
from multiprocessing import resource_tracker, shared_memory

resource_tracker.register = resource_tracker.unregister = lambda name, kind: None  # or it would unlink what it has seen

attached_name, mapped_name, size, byte = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
content = bytes([byte]) * size
attached = shared_memory.SharedMemory(name=attached_name)

# The mmap module keeps a descriptor of its own.
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
descriptor = os.open(f'/dev/shm/{mapped_name}', os.O_RDONLY)
mapped = libc.mmap(None, size, 1, 1, descriptor, 0)  # PROT_READ, MAP_SHARED
os.close(descriptor)

own = shared_memory.SharedMemory(create=True, size=size)
own.buf[:size] = content
unused = shared_memory.SharedMemory(create=True, size=size)  # CPython's own, and nobody has it open: not ours to remove
unused.close()

print(json.dumps([own.name, unused.name]), flush=True)
for _ in sys.stdin:
    intact = bytes(attached.buf) == content and ctypes.string_at(mapped, size) == content and bytes(own.buf[:size]) == content
    print(json.dumps(intact), flush=True)
