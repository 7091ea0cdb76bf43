from multiprocessing import Semaphore

from measure import expect_exact, measure, report

SEMAPHORES = 1000


def semaphore(n):
    semaphores = [Semaphore(1) for _ in range(SEMAPHORES)]

    def loop(count):
        for _ in range(count // SEMAPHORES):
            for each in semaphores:
                each.acquire()
                each.release()

    measured = measure(n, loop)
    expect_exact("permits left", sum(each.get_value() for each in semaphores), SEMAPHORES)
    return measured


report({"semaphore": semaphore})
