"""Values with their locks: to make each, to take one here and there, its bytes; and how soon a spawned child has them all."""

import multiprocessing
import time

from mapped import mapped_bytes
from measure import expect_exact, measure, report

HOP = 7919
USES = 20_000
WARM_UP = 100


def limited(trial):
    """A lock is a mapping, of which a process may have so many: 65,530 unless told otherwise. It would take seconds to fail."""
    with open("/proc/sys/vm/max_map_count") as file:
        limit = int(file.read())
    too_many = f"each lock is a mapping of its own, and vm.max_map_count allows {limit:,}: OSError, Cannot allocate memory"
    return lambda n: trial(n) if n < limit else {"missing": too_many}


def values(n):
    warm = [multiprocessing.Value("i", i) for i in range(WARM_UP)]
    warm_bytes = mapped_bytes()
    start = time.perf_counter_ns()
    kept = [multiprocessing.Value("i", i) for i in range(n)]
    create = (time.perf_counter_ns() - start) / 1e3 / n
    used = (mapped_bytes() - warm_bytes) / n
    place = 0

    def loop(count):
        nonlocal place
        for _ in range(count):
            place = (place + HOP) % n
            with kept[place]:
                kept[place].value

    expect_exact("values", len(kept) + len(warm), n + WARM_UP)
    return {"create": create, "use": measure(USES, loop)["ns"], "bytes": used}


class Clock:
    """Looks at the clock when it is unpickled."""

    def __reduce__(self):
        return time.perf_counter_ns, ()


def taken(connection, start, kept, end):
    connection.send(((end - start) / 1e3, sum(each.value for each in kept)))


def spawned(n):
    context = multiprocessing.get_context("spawn")
    kept = [context.Value("i", i) for i in range(n)]
    connection, theirs = context.Pipe()
    # As arguments they are unpickled one behind another.
    child = context.Process(target=taken, args=(theirs, Clock(), kept, Clock()))
    child.start()
    us, total = connection.recv()
    child.join()
    expect_exact("sum of the values that arrived", total, n * (n - 1) // 2)
    return {"attach": us / n}


if __name__ == "__main__":
    report({"values": limited(values), "spawned": limited(spawned)})
