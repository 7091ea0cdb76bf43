import os
import time
from multiprocessing import Lock, Value

from mapped import mapped_bytes
from measure import report


def make(n, one):
    kept = [one(i) for i in range(n // 4)]
    start = time.perf_counter_ns()
    for i in range(n):
        kept.append(one(i))
    return {"us": (time.perf_counter_ns() - start) / n / 1e3}


def many(n, one):
    descriptors = len(os.listdir("/proc/self/fd"))
    kept = [one(i) for i in range(n)]
    return {
        "mib": mapped_bytes() / 2**20,
        "bytes": mapped_bytes() / n,
        "descriptors": len(os.listdir("/proc/self/fd")) - descriptors,
        "kept": len(kept),
    }


def value(i):
    return Value("i", i)


def lock(_):
    return Lock()


report(
    {
        "Value": lambda n: make(n, value),
        "Lock": lambda n: make(n, lock),
        "manyValues": lambda n: many(n, value),
        "manyLocks": lambda n: many(n, lock),
    }
)
