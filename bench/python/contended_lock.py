import time
from multiprocessing import Lock, Process, RawArray, RawValue, Semaphore, Value

from measure import expect_exact, percentiles, report
from processes import die_with_parent, join

PAIR = 2
WARM_UP = 100_000


def increment(counter, n):
    for _ in range(n):
        with counter.get_lock():
            counter.value += 1


def count(counter, gate, times, worker, n):
    die_with_parent()
    increment(Value("i"), WARM_UP)
    with gate.get_lock():
        gate.value += 1
    while gate.value < PAIR:
        pass
    times[2 * worker] = time.monotonic_ns()
    increment(counter, n)
    times[2 * worker + 1] = time.monotonic_ns()


def increments(n):
    """Two processes, n locked increments each, from a common start."""
    counter, gate, times = Value("i"), Value("i"), RawArray("d", 2 * PAIR)
    workers = [Process(target=count, args=(counter, gate, times, i, n), daemon=True) for i in range(PAIR)]
    for each in workers:
        each.start()
    join(workers)
    expect_exact("two processes", counter.value, PAIR * n)
    return {"ns": (max(times) - min(times)) / (PAIR * n)}


CROWDS = (1, 2, 4, 8)
PARTIES = 8
REMEMBERED = 2**15
PHASES = [(PARTIES, timed, False) for timed in (False, True)] + [
    (crowd, timed, True) for timed in (False, True) for crowd in CROWDS
]
# Acquisitions between two looks at the moment: looking costs more here than the lock.
LOOKS = 10


def view(array):
    """The same memory, read and written three times as fast."""
    return memoryview(array).cast("B").cast(array._type_._type_)


def contend(lock, moment, own, counter):
    taken = 0
    while True:
        for _ in range(LOOKS):
            lock.acquire()
            counter[0] += 1
            lock.release()
        taken += LOOKS
        if moment.value != own:
            return taken


def contend_timed(lock, moment, own, counter, times):
    taken = 0
    now = time.perf_counter_ns
    while True:
        for _ in range(LOOKS):
            start = now()
            lock.acquire()
            times[taken % REMEMBERED] = now() - start
            counter[0] += 1
            lock.release()
            taken += 1
        if moment.value != own:
            return taken


def party(own, lock, moment, counter, counts, times, start, done):
    die_with_parent()
    counter, times = view(counter), view(times)[own * REMEMBERED : (own + 1) * REMEMBERED]
    for i in range(REMEMBERED):  # touched, so that no page is new later
        times[i] = 0
    done.release()
    for i, (crowd, timed, _) in enumerate(PHASES):
        if own >= crowd:
            continue
        start.acquire()
        args = lock, moment, 2 * i + 1, counter
        counts[own] = contend_timed(*args, times) if timed else contend(*args)
        done.release()


def phase_sample(crowd, timed, counts, times, ms):
    if timed:
        own = [times[i * REMEMBERED : i * REMEMBERED + min(counts[i], REMEMBERED)] for i in range(crowd)]
        return percentiles((each / 1e3 for part in own for each in part), f"_{crowd}")
    # Of those between the last two looks any number may have come when time was over.
    inside = [each - LOOKS for each in counts[:crowd]]
    return {f"rate_{crowd}": sum(inside) / ms, f"fairness_{crowd}": min(inside) / (max(inside) or 1)}


def contention(ms):
    """Up to eight that take one lock again and again, in phases of so many ms, as in bench/contenders.ts."""
    lock, moment, done = Lock(), RawValue("i"), Semaphore(0)
    counter, counts, times = RawArray("i", 16), RawArray("q", PARTIES), RawArray("d", PARTIES * REMEMBERED)
    starts = [Semaphore(0) for _ in range(PARTIES)]

    def all_done(crowd):
        for _ in range(crowd):
            done.acquire()

    def party_of(i):
        return Process(target=party, args=(i, lock, moment, counter, counts, times, starts[i], done), daemon=True)

    parties = [party_of(i) for i in range(PARTIES)]
    for each in parties:
        each.start()
    all_done(PARTIES)
    sample, taken = {}, 0
    for i, (crowd, timed, measured) in enumerate(PHASES):
        begin = time.perf_counter()
        moment.value = 2 * i + 1
        for start in starts[:crowd]:
            start.release()
        time.sleep(ms / 1e3)
        moment.value = 2 * i + 2
        took = (time.perf_counter() - begin) * 1e3
        all_done(crowd)
        taken += sum(counts[:crowd])
        if measured:
            sample.update(phase_sample(crowd, timed, counts, times, took))
    join(parties)
    expect_exact("increments under the lock", counter[0], taken)
    return sample


if __name__ == "__main__":
    report({"increments": increments, "contention": contention})
