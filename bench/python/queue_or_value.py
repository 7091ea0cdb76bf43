"""10,000 numbers from a child, by a Value under a Lock and by a Queue, as in "Shared Memory and Ctypes"; only that the parent takes them all."""

import multiprocessing
import statistics
import time

from measure import expect_exact, report

COUNT = 10_000
AGAIN = 5


def now_ms():
    return time.monotonic_ns() / 1e6


def write_value(value, lock, each):
    for goes in range(len(each)):
        start = now_ms()
        for i in range(COUNT):
            with lock:
                value.value = i
        each[goes] = now_ms() - start


def write_queue(queue, gate, goes):
    for _ in range(goes):
        gate.acquire()
        queue.put(now_ms())
        for i in range(COUNT):
            queue.put(i)


def by_value(context, goes, make="RawValue"):
    begin = now_ms()
    value, lock, each = getattr(context, make)("i", 0), context.Lock(), context.RawArray("d", goes)
    process = context.Process(target=write_value, args=(value, lock, each), daemon=True)
    process.start()
    process.join()
    whole = now_ms() - begin
    expect_exact("the last number written", value.value, COUNT - 1)
    return whole, list(each)


def by_value_as_printed(context, goes):
    """With a Value, whose own lock is taken as well."""
    return by_value(context, goes, "Value")


def by_queue(context, goes):
    begin = now_ms()
    queue, gate, each = context.Queue(), context.Semaphore(1), []
    process = context.Process(target=write_queue, args=(queue, gate, goes), daemon=True)
    process.start()
    for _ in range(goes):
        start = queue.get()
        total = sum(queue.get() for _ in range(COUNT))
        each.append(now_ms() - start)
        expect_exact("sum of the numbers", total, COUNT * (COUNT - 1) // 2)
        gate.release()
    process.join()
    return now_ms() - begin, each


def measured(way, method):
    def trial(n):
        context = multiprocessing.get_context(method)
        way(context, 1)
        went = [way(context, 1) for _ in range(n)]
        return {
            "whole": statistics.median(whole for whole, _ in went),
            "alone": statistics.median(ms for _, each in went for ms in each),
            "again": statistics.median(way(context, AGAIN)[1][1:]),
        }

    return trial


if __name__ == "__main__":
    ways = {"value": by_value, "printed": by_value_as_printed, "queue": by_queue}
    report({f"{name}_{method}": measured(way, method) for name, way in ways.items() for method in ("fork", "spawn")})
