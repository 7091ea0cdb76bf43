"""What the CPython peers share: loops timed as bench/measure.ts times them."""

import json
import statistics
import sys
import time

WARM_UPS = 20
BATCHES = 7


def ns_per_iteration(n, loop):
    for _ in range(WARM_UPS):
        loop(-(-n // WARM_UPS))
    batches = []
    for _ in range(BATCHES):
        start = time.perf_counter_ns()
        loop(n)
        batches.append((time.perf_counter_ns() - start) / n)
    return statistics.median(batches)


def iterations_in_all(n):
    return WARM_UPS * -(-n // WARM_UPS) + BATCHES * n


def expect_exact(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: expected {expected}, got {found}")


def report(trials):
    """Runs the trial that the command line names: NAME N."""
    print(json.dumps(trials[sys.argv[1]](int(sys.argv[2]))))
