import statistics
import time
from multiprocessing.shared_memory import ShareableList

from measure import expect_exact, measure, report

# How many items are touched between two steps of the outer loop: all lengths are multiples of it.
RUN = 100

ITEMS = {
    "int": lambda i: i,
    "float": lambda i: i + 0.5,
    "str": lambda i: f"item {i % 10}",
}


def places(length, scattered):
    """Without an end: runs of places, one behind another around the list, or each spread over all of it."""
    step = length // RUN if scattered else 1
    bound = step if scattered else length
    start = 0
    while True:
        yield range(start, start + RUN * step, step)
        start = (start + (997 if scattered else RUN)) % bound


def on_list(length, kind, loop):
    items = [ITEMS[kind](i) for i in range(length)]
    made = ShareableList(items)
    try:
        result = loop(made)
        # Which items there are is the same afterwards, whether they were read or written.
        for i in (0, length // 2, length - 1):
            expect_exact("an item", made[i], items[i])
        return result
    finally:
        made.shm.close()
        made.shm.unlink()


def measured(n, made, scattered, access):
    runs = places(len(made), scattered)

    def loop(count):
        for _ in range(count // RUN):
            access(made, next(runs))

    return measure(n, loop)["ns"]


def items(n, length, kind):
    values = [ITEMS[kind](i) for i in range(length)]

    def get(made, run):
        for i in run:
            made[i]

    def put(made, run):
        for i in run:
            made[i] = values[i]

    def body(made):
        orders = ("", "_scattered") if kind == "int" else ("",)
        ways = (("get", get), ("set", put))
        return {name + order: measured(n, made, order != "", access) for name, access in ways for order in orders}

    return on_list(length, kind, body)


def passes(n, length):
    """Whole ones: 50 batches of them would take minutes."""

    def body(made):
        times = []
        for _ in range(1 + n):
            start = time.perf_counter_ns()
            for _ in made:
                pass
            times.append((time.perf_counter_ns() - start) / length)
        return {"ns": statistics.median(times[1:])}

    return on_list(length, "int", body)


def trials():
    for kind in ITEMS:
        for length in (100, 1_000_000):
            yield f"{kind}_{length}", lambda n, length=length, kind=kind: items(n, length, kind)
    yield "iterate_1000000", lambda n: passes(n, 1_000_000)


report(dict(trials()))
