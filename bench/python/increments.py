from multiprocessing import RawValue, Value

from measure import expect_exact, measure, report


def locked(n):
    v = Value("i")

    def loop(count):
        for _ in range(count):
            with v.get_lock():
                v.value += 1

    measured = measure(n, loop)
    expect_exact("locked", v.value, measured["iterations"])
    return measured


def unlocked(n):
    v = RawValue("i")

    def loop(count):
        for _ in range(count):
            v.value += 1

    measured = measure(n, loop)
    expect_exact("unlocked, and nobody else there", v.value, measured["iterations"])
    return measured


report({"locked": locked, "unlocked": unlocked})
