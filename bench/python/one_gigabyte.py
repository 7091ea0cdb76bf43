"""Doubles handed over to a process that is there, a Queue's way in its three steps, or by a SharedMemory: their time, and the peak memory of both. Of shared pages, both have looked at all."""

import pickle
import re
import time
from array import array
from multiprocessing import Pipe, Process, resource_tracker
from multiprocessing.reduction import ForkingPickler
from multiprocessing.shared_memory import SharedMemory

from measure import expect_exact, report
from processes import die_with_parent

STEP = 512  # doubles of a page
NUMBER = 1.5


def now_ms():
    return time.monotonic_ns() / 1e6


def peak_mb():
    with open("/proc/self/status") as status:
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", status.read(), re.MULTILINE).group(1)) * 1024 / 1e6


def look(numbers):
    return sum(numbers[::STEP])


def take(connection, way):
    die_with_parent()
    received = 0
    connection.send("ready")
    if way == "pipe":
        data = connection.recv_bytes()
        received = now_ms()
        numbers = pickle.loads(data)
    else:
        name, n = connection.recv()
        memory = SharedMemory(name=name)
        numbers = memory.buf.cast("d")[:n]
    loaded = now_ms()
    total = look(numbers)
    connection.send((total, received, loaded, peak_mb()))
    if way == "shared":
        numbers.release()
        memory.close()


def by_pipe(connection, numbers):
    data = ForkingPickler.dumps(numbers)
    pickled = now_ms()
    connection.send_bytes(data)
    return pickled, lambda: None


def by_shared(connection, numbers):
    n = len(numbers)
    memory = SharedMemory(create=True, size=8 * n)
    view = memory.buf.cast("d")
    view[:n] = numbers
    connection.send((memory.name, n))

    def end():
        view.release()
        memory.close()
        memory.unlink()

    return 0, end


def handed(way, hand):
    def trial(n):
        # Before the child, which would start one of its own otherwise and have that remove what is ours.
        resource_tracker.ensure_running()
        connection, theirs = Pipe()
        process = Process(target=take, args=(theirs, way), daemon=True)
        process.start()
        connection.recv()
        numbers = array("d", [NUMBER]) * n
        begin = now_ms()
        pickled, end = hand(connection, numbers)
        total, received, loaded, peak = connection.recv()
        sample = {"ms": now_ms() - begin, "mb": peak_mb() + peak - (8 * n / 1e6 if way == "shared" else 0)}
        expect_exact("sum of the numbers looked at", total, NUMBER * -(-n // STEP))
        end()
        process.join()
        if way == "pipe":
            sample |= {"pickled": pickled - begin, "piped": received - pickled, "unpickled": loaded - received}
        return sample

    return trial


if __name__ == "__main__":
    ways = {"pipe": by_pipe, "shared": by_shared}
    report({way: handed(way, hand) for way, hand in ways.items()})
