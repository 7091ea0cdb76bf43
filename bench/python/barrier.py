from multiprocessing import Barrier, Process, RawArray

from measure import expect_exact, report
from processes import die_with_parent, join, take_cpu, us_per_round

PARTIES = 4


def meet(barrier, rounds, places, party, last):
    take_cpu(party)

    def meeting(i):
        rounds[party] = i
        places[party] += barrier.wait()
        # Nobody gets ahead by more than the round that it waits in.
        expect_exact("in step", rounds[(party + 1) % PARTIES] in (i, i + 1), True)

    return us_per_round(last, meeting)


def child(*args):
    die_with_parent()
    meet(*args)


def barrier(n):
    shared = (Barrier(PARTIES), RawArray("i", PARTIES), RawArray("i", PARTIES))
    children = [Process(target=child, args=(*shared, party, n), daemon=True) for party in range(1, PARTIES)]
    for each in children:
        each.start()
    measured = meet(*shared, 0, n)
    join(children)
    # In each round everyone has a place of his own.
    expect_exact("places", sum(shared[2]), n * sum(range(PARTIES)))
    return measured


if __name__ == "__main__":
    report({"barrier": barrier})
