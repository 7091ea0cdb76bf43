"""Arrays of so many bytes: to make a RawArray, to write a page for the first time, to read an element; to attach to a SharedMemory by name."""

import statistics
import time
from multiprocessing import RawArray
from multiprocessing.shared_memory import SharedMemory

from measure import expect_exact, measure, report

MIB = 2**20
PAGE = 512  # doubles
MOST_PAGES = 65_536
READS = 20_000


def copies(size):
    return 40 if size <= MIB else 4 if size <= 32 * MIB else 1


def made(count, make):
    times, kept = [], []
    for _ in range(count):
        start = time.perf_counter_ns()
        kept.append(make())
        times.append((time.perf_counter_ns() - start) / 1e3)
    return kept, statistics.median(times)


def arrays(size):
    length = size // 8
    kept, create = made(copies(size), lambda: RawArray("d", length))
    numbers = kept[-1]
    # All pages, or of the largest arrays so many, from one end to the other.
    pages = min(-(-length // PAGE), MOST_PAGES)
    step, on_page = max(PAGE, length // pages), min(PAGE, length)
    start = time.perf_counter_ns()
    for page in range(pages):
        numbers[page * step] = 1
    touch = (time.perf_counter_ns() - start) / pages
    hop, place = int(pages * 0.618) | 1, 0

    def loop(count):
        nonlocal place
        for i in range(count):
            place = (place + hop) % pages
            numbers[place * step + i % on_page]

    return {"create": create, "touch": touch, "read": measure(READS, loop)["ns"]}


def blocks(size):
    memory = SharedMemory(create=True, size=size)
    try:
        kept, attach = made(copies(size), lambda: SharedMemory(name=memory.name))
        expect_exact("bytes of a block that was attached", kept[-1].size >= size, True)
        for each in kept:
            each.close()
        return {"attach": attach}
    finally:
        memory.close()
        memory.unlink()


if __name__ == "__main__":
    report({"arrays": arrays, "blocks": blocks})
