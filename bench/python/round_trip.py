import statistics
import time
from multiprocessing import Pipe, Process, RawValue

from measure import report

BATCH = 100


def us_per_trip(looks):
    batches = [(b - a) / BATCH / 1e3 for a, b in zip(looks, looks[1:])]
    return {"us": statistics.median(batches[len(batches) // 10 :])}


def echo_value(there, back, last):
    for i in range(1, last + 1):
        while there.value != i:
            pass
        back.value = i


def value(n):
    there, back = RawValue("i"), RawValue("i")
    child = Process(target=echo_value, args=(there, back, n))
    child.start()
    looks = []
    for i in range(1, n + 1):
        there.value = i
        while back.value != i:
            pass
        if i % BATCH == 0:
            looks.append(time.perf_counter_ns())
    child.join()
    return us_per_trip(looks)


def echo_pipe(connection, last):
    for _ in range(last):
        connection.send(connection.recv())


def pipe(n):
    ours, theirs = Pipe()
    child = Process(target=echo_pipe, args=(theirs, n))
    child.start()
    looks = []
    for i in range(1, n + 1):
        ours.send(i)
        ours.recv()
        if i % BATCH == 0:
            looks.append(time.perf_counter_ns())
    child.join()
    return us_per_trip(looks)


if __name__ == "__main__":
    report({"value": value, "pipe": pipe})
