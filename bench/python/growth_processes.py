"""1 to 64 processes that wait for an Event: a lock beside them, attaching as the next one, and waking them all."""

import statistics
import time
from multiprocessing import Event, Pipe, Process, RawValue, Semaphore, Value, resource_tracker
from multiprocessing.shared_memory import SharedMemory

from measure import expect_exact, measure, report
from processes import die_with_parent

COUNTS = (1, 2, 4, 8, 16, 32, 64)
USES = 20_000
ROUNDS = 9
WARM_UPS = 2


def sleep(connection, name, events, arrived, count, everybody, go):
    die_with_parent()
    start = time.perf_counter_ns()
    memory = SharedMemory(name=name)
    connection.send((time.perf_counter_ns() - start) / 1e3)
    memory.close()
    while True:
        events[go % 2].wait()
        with arrived:
            arrived.value += 1
            if arrived.value == count.value:
                everybody.release()
        go += 1


def asleep(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().split(") ")[-1][0] == "S"


def wake(children, events, arrived, count, everybody, go):
    events[(go + 1) % 2].clear()
    while not all(asleep(child.pid) for child in children):
        pass
    arrived.value, count.value = 0, len(children)
    start = time.perf_counter_ns()
    events[go % 2].set()
    everybody.acquire()
    us = (time.perf_counter_ns() - start) / 1e3
    expect_exact("sleepers that were woken", arrived.value, len(children))
    return us


def all_counts(limit):
    # Before the children, which would start one of their own otherwise and have that remove what is ours.
    resource_tracker.ensure_running()
    memory = SharedMemory(create=True, size=64)
    events, arrived, count, everybody = (Event(), Event()), Value("i", 0), RawValue("i", 0), Semaphore(0)
    counter, connection = Value("i", 0), Pipe()
    children, go, sample = [], 0, {}

    def use(times):
        for _ in range(times):
            counter.acquire()
            counter.release()

    for size in COUNTS:
        if size > limit:
            sample |= {f"{metric}_{size}": None for metric in ("use", "attach", "wake")}
            continue
        attached = []
        while len(children) < size:
            args = (connection[1], memory.name, events, arrived, count, everybody, go)
            children.append(Process(target=sleep, args=args, daemon=True))
            children[-1].start()
            attached.append(connection[0].recv())
        woken = []
        for _ in range(WARM_UPS + ROUNDS):
            woken.append(wake(children, events, arrived, count, everybody, go))
            go += 1
        sample |= {
            f"use_{size}": measure(USES, use)["ns"],
            f"attach_{size}": statistics.median(attached),
            f"wake_{size}": statistics.median(woken[WARM_UPS:]),
        }
    for child in children:
        child.kill()
    memory.close()
    memory.unlink()
    return sample


if __name__ == "__main__":
    report({"all": all_counts})
