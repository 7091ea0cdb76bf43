import time
from multiprocessing import Lock, Value

from measure import report


def make(n, one):
    kept = [one(i) for i in range(n // 4)]
    start = time.perf_counter_ns()
    for i in range(n):
        kept.append(one(i))
    return {"us": (time.perf_counter_ns() - start) / n / 1e3}


report(
    {
        "Value": lambda n: make(n, lambda i: Value("i", i)),
        "Lock": lambda n: make(n, lambda _: Lock()),
    }
)
