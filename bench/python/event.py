from multiprocessing import Event

from measure import expect_exact, measure, report


def is_set(n):
    event = Event()
    event.set()
    seen = 0

    def loop(count):
        nonlocal seen
        for _ in range(count):
            if event.is_set():
                seen += 1

    measured = measure(n, loop)
    expect_exact("seen set", seen, measured["iterations"])
    return measured


def set_clear(n):
    event = Event()

    def loop(count):
        for _ in range(count):
            event.set()
            event.clear()

    measured = measure(n, loop)
    expect_exact("set at the end", event.is_set(), False)
    return measured


report({"is_set": is_set, "set_clear": set_clear})
