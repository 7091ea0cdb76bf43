"""Bytes handed over to a process that is there and answers with the sum of one byte of each page. Sizes and times as in hand-over/sizes.ts."""

from multiprocessing import Pipe, Process, Queue, resource_tracker
from multiprocessing.shared_memory import SharedMemory

from measure import expect_exact, report
from processes import die_with_parent
from times import us_each

GIB = 2**30
TIMES = {2**10: 400, 2**16: 200, 2**20: 20, 2**26: 2, GIB: 1}
FULL = 4
PAGE = 4096
FILL = 3


def sum_of_pages(data):
    return sum(data[::PAGE])


def answer_shared(connection, _queue):
    """Orders: (name, keep) attaches; 'read' reads what it has kept."""
    kept = None
    while True:
        order = connection.recv()
        if order == "read":
            connection.send(sum_of_pages(kept.buf))
            continue
        name, keep = order
        memory = SharedMemory(name=name)
        connection.send(sum_of_pages(memory.buf))
        if keep:
            kept = memory
        else:
            memory.close()


def answer_pipe(connection, _queue):
    while True:
        connection.send(sum_of_pages(connection.recv_bytes()))


def answer_queue(connection, queue):
    while True:
        connection.send(sum_of_pages(queue.get()))


def child(answer, *args):
    die_with_parent()
    answer(*args)


def shared(keep):
    """Makes the bytes, and how they are handed over."""

    def make(size, connection, _queue):
        memory = SharedMemory(create=True, size=size)

        def ask(order):
            connection.send(order)
            return connection.recv()

        def end():
            memory.close()
            memory.unlink()

        if keep:
            ask((memory.name, True))
        # The block may have more than it was asked for.
        return memory.buf[:size], (lambda: ask("read" if keep else (memory.name, False))), end

    return make


def piped(size, connection, _queue):
    data = bytearray(size)

    def hand_over():
        connection.send_bytes(data)
        return connection.recv()

    return data, hand_over, lambda: None


def queued(size, connection, queue):
    data = bytearray(size)

    def hand_over():
        queue.put(bytes(data))
        return connection.recv()

    return data, hand_over, lambda: None


def one_size(size, times, make, connection, queue):
    data, hand_over, end = make(size, connection, queue)
    data[:] = bytes([FILL]) * size
    stamp = 0

    def before():
        nonlocal stamp
        stamp = (stamp + 1) % 256
        data[0] = stamp

    def once():
        expect_exact("sum of the pages", hand_over(), FILL * (-(-size // PAGE) - 1) + stamp)

    try:
        return us_each(times, once, before)
    finally:
        if isinstance(data, memoryview):
            data.release()
        end()


def all_sizes(answer, make, copies=False):
    def trial(n):
        # Before the child, which would start one of its own otherwise and have that remove what is ours.
        resource_tracker.ensure_running()
        connection, theirs = Pipe()
        queue = Queue() if make is queued else None
        process = Process(target=child, args=(answer, theirs, queue), daemon=True)
        process.start()
        sample = {}
        for size, full in TIMES.items():
            if size == GIB and copies:
                break
            left_out = size == GIB and n < FULL
            times = -(-full * n // FULL)
            sample[f"us_{size}"] = None if left_out else one_size(size, times, make, connection, queue)
        process.kill()
        return sample

    return trial


if __name__ == "__main__":
    report(
        {
            "before": all_sizes(answer_shared, shared(True)),
            "each_time": all_sizes(answer_shared, shared(False)),
            "pipe": all_sizes(answer_pipe, piped, copies=True),
            "queue": all_sizes(answer_queue, queued, copies=True),
        }
    )
