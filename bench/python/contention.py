import time
from multiprocessing import Process, RawArray, Value

from measure import expect_exact, report

WORKERS = 2
WARM_UP = 100_000


def increment(counter, n):
    for _ in range(n):
        with counter.get_lock():
            counter.value += 1


def count(counter, gate, times, worker, n):
    increment(Value("i"), WARM_UP)
    with gate.get_lock():
        gate.value += 1
    while gate.value < WORKERS:
        pass
    times[2 * worker] = time.monotonic_ns()
    increment(counter, n)
    times[2 * worker + 1] = time.monotonic_ns()


def locked(n):
    counter, gate, times = Value("i"), Value("i"), RawArray("d", 2 * WORKERS)
    workers = [Process(target=count, args=(counter, gate, times, i, n)) for i in range(WORKERS)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    expect_exact("two processes", counter.value, WORKERS * n)
    return {"ns": (max(times) - min(times)) / (WORKERS * n)}


if __name__ == "__main__":
    report({"locked": locked})
