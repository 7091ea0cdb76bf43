import multiprocessing
import statistics
import time

from measure import expect_exact, report

LENGTH = 2**28  # of c_int: 1 GiB


def arrived(sender, array=None):
    now = time.monotonic_ns()
    sender.send((now, 0 if array is None else len(array)))


def hand_over(context, args, length):
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=arrived, args=(sender, *args))
    start = time.monotonic_ns()
    child.start()
    now, received = receiver.recv()
    child.join()
    expect_exact("length of the array in the child", received, length)
    return (now - start) / 1e6


def process(n):
    # As ours: a child that starts from nothing, on every version.
    context = multiprocessing.get_context("spawn")
    array = context.Array("i", LENGTH)
    nothing, everything = [], []
    hand_over(context, (), 0)
    for i in range(n):
        if i % 2 == 0:
            nothing.append(hand_over(context, (), 0))
        everything.append(hand_over(context, (array,), LENGTH))
        if i % 2 == 1:
            nothing.append(hand_over(context, (), 0))
    more = statistics.median(b - a for a, b in zip(nothing, everything))
    undisturbed = statistics.quantiles(everything)[0] - statistics.quantiles(nothing)[0]
    return {"nothing": statistics.median(nothing), "all": statistics.median(everything), "more": more, "undisturbed": undisturbed}


if __name__ == "__main__":
    report({"process": process})
