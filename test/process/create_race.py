"""Attaches, as CPython does, to blocks that are created and unlinked all the time, until told to end: each is whole, or not there."""

import select
import sys
from multiprocessing import resource_tracker, shared_memory

resource_tracker.register = lambda name, kind: None  # or it would unlink them when this process ends

memory_name, list_name, size, length = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
whole = missing = 0


def look_at_memory():
    block = shared_memory.SharedMemory(name=memory_name)
    content = bytes(block.buf)
    block.close()
    assert content == bytes(size), f'{len(content)} bytes, {content.count(0)} of them 0'


def look_at_list():
    items = shared_memory.ShareableList(name=list_name)
    generation = items[0]
    expected = [(generation, f'{generation} \u2603 {i}', generation + 0.5, i % 2 == 0, None, bytes((1, i % 256, 2)))[i % 6] for i in range(length)]
    found = list(items)
    items.shm.close()
    assert found == expected, f'generation {generation}: {found}'


print('ready', flush=True)
while not select.select([sys.stdin], [], [], 0)[0]:
    for look in (look_at_memory, look_at_list):
        try:
            look()
            whole += 1
        except FileNotFoundError:
            missing += 1
print(f'{whole} {missing}')
