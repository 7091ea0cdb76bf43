"""What the CPython peers share: loops timed as bench/measure.ts times them."""

import json
import math
import statistics
import sys
import time

WARM_UP_NS = 100_000_000
BATCHES = 50
PERCENTILES = (50, 90, 99, 99.9, 99.99)


def measure(n, loop):
    count = -(-n // BATCHES)
    iterations = 0

    def batch():
        nonlocal iterations
        start = time.perf_counter_ns()
        loop(count)
        iterations += count
        return (time.perf_counter_ns() - start) / count

    end = time.perf_counter_ns() + WARM_UP_NS
    while time.perf_counter_ns() < end:
        batch()
    return {"ns": statistics.median(batch() for _ in range(BATCHES)), "iterations": iterations}


def percentiles(numbers, suffix=""):
    """`p50` ... `p99.99` and `max` of all these numbers, as bench/measure.ts has them."""
    ordered = sorted(numbers)

    def quantile(share):
        place = (len(ordered) - 1) * share
        below = ordered[int(place)]
        return below + (ordered[math.ceil(place)] - below) * (place % 1)

    return {f"p{each}{suffix}": quantile(each / 100) for each in PERCENTILES} | {f"max{suffix}": ordered[-1]}


def expect_exact(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: expected {expected}, got {found}")


def report(trials):
    """Runs the trial that the command line names: NAME N."""
    print(json.dumps(trials[sys.argv[1]](int(sys.argv[2]))))
