from multiprocessing import Lock

from measure import measure, report

LOCKS = 1000


def lock(n):
    locks = [Lock() for _ in range(LOCKS)]

    def loop(count):
        for _ in range(count // LOCKS):
            for each in locks:
                each.acquire()
                each.release()

    return measure(n, loop)


report({"lock": lock})
