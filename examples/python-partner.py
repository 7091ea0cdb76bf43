"""The Python half of python-partner.ts. Nothing but CPython's own multiprocessing: it knows nothing of Node."""
import json
import sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import ShareableList, SharedMemory


def forget(shm):
    """Python's resource tracker takes every block that a process attaches to for that process's own, and unlinks it when the process ends, under
    everybody else's feet. Who only attaches has to take it off the tracker's list."""
    resource_tracker.unregister(shm._name, 'shared_memory')


def attach(name):
    if sys.version_info >= (3, 13):
        return SharedMemory(name, track=False)
    shm = SharedMemory(name)
    forget(shm)
    return shm


def attach_list(name):
    items = ShareableList(name=name)  # has no `track`, in 3.13 either
    forget(items.shm)
    return items


def change(block_name, list_name):
    shm = attach(block_name)
    numbers = shm.buf.cast('d')
    print('Python finds', list(numbers), flush=True)
    for i, number in enumerate(numbers):
        numbers[i] = number ** 0.5
    numbers.release()
    shm.close()

    items = attach_list(list_name)
    print('Python finds', list(items), flush=True)
    items[0] = items[0].upper()
    items[1] += 1
    items[2] = None
    items[-1] = items[-1][::-1]
    items.shm.close()


def make():
    """Makes both, and waits for a line: the other has changed them. Who made them removes them."""
    shm = SharedMemory(create=True, size=5)
    items = ShareableList(['naïve', 2**62, 0.5, True, None, b'\x01\x02'])
    try:
        shm.buf[:] = b'howdy'
        print(json.dumps([shm.name, items.shm.name]), flush=True)
        sys.stdin.readline()
        print('Python finds', bytes(shm.buf), list(items), flush=True)
        assert bytes(shm.buf) == b'HOWDY'
        assert list(items) == ['été', 2**62 + 1, 1.5, False, 42, b'\x03']
    finally:
        for each in (shm, items.shm):
            each.close()
            each.unlink()


try:
    if sys.argv[1] == 'change':
        change(*sys.argv[2:])
    else:
        make()
finally:
    # The tracker is a process, and would outlive this one by a moment.
    resource_tracker._resource_tracker._stop()
