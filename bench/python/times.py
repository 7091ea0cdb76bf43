"""For trials whose one iteration is long enough to be timed by itself, as bench/times.ts times it."""

import statistics
import time


def us_each(n, once, before=lambda: None):
    """The median of n; a quarter of them more go before. `before` is not timed."""
    times = []
    for _ in range(n + -(-n // 4)):
        before()
        start = time.perf_counter_ns()
        once()
        times.append((time.perf_counter_ns() - start) / 1e3)
    return statistics.median(times[-n:])
