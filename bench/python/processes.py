"""What the CPython peers with several processes share: children, and rounds timed as bench/processes.ts times them."""

import ctypes
import os
import signal
import statistics
import time

from measure import expect_exact, percentiles

BATCH = 100
PR_SET_PDEATHSIG = 1


def die_with_parent():
    """For a child's first line: it may sleep for ever otherwise, waiting for its parent."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def take_cpu(place):
    """Moves this process to one of the CPUs that it may use, counted from 0 and around. Why: c/processes.h."""
    usable = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {usable[place % len(usable)]})


def join(children):
    for each in children:
        each.join()
        expect_exact("exit code of a child", each.exitcode, 0)


def _us_of_rounds(last, batch, round_trip):
    """Does the rounds 1 ... last, and gives the µs that one took in each batch, less the first tenth, which is the warm-up."""
    looks = [time.perf_counter_ns()]
    for i in range(1, last + 1):
        round_trip(i)
        if i % batch == 0:
            looks.append(time.perf_counter_ns())
    batches = [(b - a) / batch / 1e3 for a, b in zip(looks, looks[1:])]
    return batches[len(batches) // 10 :]


def us_per_round(last, round_trip):
    """The median of the batches."""
    return {"us": statistics.median(_us_of_rounds(last, BATCH, round_trip))}


def us_of_each(last, round_trip):
    """What each took by itself, with a look at the clock."""
    return percentiles(_us_of_rounds(last, 1, round_trip))
