import statistics
import time
from multiprocessing.shared_memory import ShareableList

from measure import expect_exact, report

LENGTH = 1_000_000


def build(n, items):
    times = []
    for _ in range(1 + n):
        start = time.perf_counter_ns()
        made = ShareableList(items)
        times.append((time.perf_counter_ns() - start) / 1e6)
        size = made.shm.size
        for i in (0, LENGTH // 2, LENGTH - 1):
            expect_exact("an item", made[i], items[i])
        made.shm.close()
        made.shm.unlink()
    return {"first": times[0], "ms": statistics.median(times[1:]), "mib": size / 2**20}


def attach(n):
    made = ShareableList(range(LENGTH))
    times = []
    for _ in range(1 + n):
        start = time.perf_counter_ns()
        found = ShareableList(name=made.shm.name)
        times.append((time.perf_counter_ns() - start) / 1e6)
        expect_exact("an item", found[LENGTH - 1], LENGTH - 1)
        found.shm.close()
    made.shm.close()
    made.shm.unlink()
    return {"ms": statistics.median(times[1:])}


report(
    {
        "ints": lambda n: build(n, list(range(LENGTH))),
        "floats": lambda n: build(n, [i + 0.5 for i in range(LENGTH)]),
        "attach": attach,
    }
)
