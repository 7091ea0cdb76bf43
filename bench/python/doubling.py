from multiprocessing import Array, Pool
from multiprocessing.shared_memory import ShareableList

from measure import expect_exact, report
from times import us_each

WORKERS = 2
# How many times each size is done in a full run; a quarter of them in a quick one, and there the largest not at all.
TIMES = {99: 200, 999: 60, 9_999: 8, 99_999: 2, 999_999: 1}
FULL = 4

shared = None


def keep(what):
    global shared
    shared = what


def double_list(numbers):
    return [2 * each for each in numbers]


def double_items(part):
    for i in range(*part):
        shared[i] *= 2


def double_slice(part):
    # Without the lock, as nobody else has these items, and by slices: CPython's quickest way.
    begin, end = part
    numbers = shared.get_obj()
    numbers[begin:end] = [2 * each for each in numbers[begin:end]]


def parts(length):
    half = -(-length // WORKERS)
    return [(i, min(i + half, length)) for i in range(0, length, half)]


def by_messages(n, length):
    numbers, doubled = list(range(length)), []

    def once():
        nonlocal doubled
        chunks = pool.map(double_list, [numbers[begin:end] for begin, end in parts(length)], 1)
        doubled = [each for chunk in chunks for each in chunk]

    with Pool(WORKERS) as pool:
        us = us_each(n, once)
    expect_exact("doubled", doubled == double_list(numbers), True)
    return us


def in_place(n, length, data, double, view):
    """view: the bytes, which are put back before each time."""
    before = bytes(view)

    def restore():
        view[:] = before

    with Pool(WORKERS, keep, (data,)) as pool:
        us = us_each(n, lambda: pool.map(double, parts(length), 1), restore)
    expect_exact("doubled", list(data) == double_list(range(length)), True)
    return us


def by_shareable_list(n, length):
    data = ShareableList(range(length))
    try:
        return in_place(n, length, data, double_items, data.shm.buf)
    finally:
        data.shm.close()
        data.shm.unlink()


def by_array(n, length):
    data = Array("i", range(length))
    return in_place(n, length, data, double_slice, memoryview(data.get_obj()).cast("B"))


def all_sizes(way):
    def one_size(n, size):
        return None if n < FULL and size == max(TIMES) else way(-(-TIMES[size] * n // FULL), size)

    return lambda n: {f"us_{size}": one_size(n, size) for size in TIMES}


if __name__ == "__main__":
    report({"messages": all_sizes(by_messages), "shareableList": all_sizes(by_shareable_list), "array": all_sizes(by_array)})
