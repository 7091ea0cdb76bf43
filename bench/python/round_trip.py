import time
from multiprocessing import Pipe, Process, RawValue

from measure import report

WARM_UP = 100


def echo_value(there, back, last):
    for i in range(1, last + 1):
        while there.value != i:
            pass
        back.value = i


def value(n):
    there, back = RawValue("i"), RawValue("i")
    child = Process(target=echo_value, args=(there, back, WARM_UP + n))
    child.start()
    start = 0
    for i in range(1, WARM_UP + n + 1):
        there.value = i
        while back.value != i:
            pass
        if i == WARM_UP:
            start = time.perf_counter_ns()
    us = (time.perf_counter_ns() - start) / n / 1e3
    child.join()
    return {"us": us}


def echo_pipe(connection, last):
    for _ in range(last):
        connection.send(connection.recv())


def pipe(n):
    ours, theirs = Pipe()
    child = Process(target=echo_pipe, args=(theirs, WARM_UP + n))
    child.start()
    start = 0
    for i in range(1, WARM_UP + n + 1):
        ours.send(i)
        ours.recv()
        if i == WARM_UP:
            start = time.perf_counter_ns()
    us = (time.perf_counter_ns() - start) / n / 1e3
    child.join()
    return {"us": us}


if __name__ == "__main__":
    report({"value": value, "pipe": pipe})
