"""Each trial in two places: each process on a CPU of its own (apart), or both on one (together). With _each, each trip is timed by itself."""

from multiprocessing import Condition, Event, Lock, Process, RawValue, Semaphore

from measure import expect_exact, report
from processes import die_with_parent, join, take_cpu, us_of_each, us_per_round


def child(place, answer, *args):
    die_with_parent()
    take_cpu(place)
    answer(*args)


def trips(last, apart, answer, objects, ask, us=us_per_round):
    """Asks again and again; the child's function `answer` is given the objects, a count of answers, and how many to give."""
    answers = RawValue("i")
    answering = Process(target=child, args=(1 if apart else 0, answer, *objects, answers, last), daemon=True)
    answering.start()
    take_cpu(0)

    def trip(i):
        ask()
        expect_exact("answers", answers.value, i)

    measured = us(last, trip)
    join([answering])
    return measured


def answer_semaphore(there, back, answers, last):
    for i in range(1, last + 1):
        there.acquire()
        answers.value = i
        back.release()


def semaphore(n, apart, us=us_per_round):
    there, back = Semaphore(0), Semaphore(0)

    def ask():
        there.release()
        back.acquire()

    return trips(n, apart, answer_semaphore, (there, back), ask, us)


def answer_event(there, back, answers, last):
    for i in range(1, last + 1):
        there.wait()
        there.clear()
        answers.value = i
        back.set()


def event(n, apart):
    there, back = Event(), Event()

    def ask():
        there.set()
        back.wait()
        back.clear()

    return trips(n, apart, answer_event, (there, back), ask)


def answer_condition(changed, theirs, answers, last):
    for i in range(1, last + 1):
        with changed:
            while not theirs.value:
                changed.wait()
            answers.value = i
            theirs.value = False
            changed.notify()


def condition(n, apart):
    changed, theirs = Condition(Lock()), RawValue("b", False)

    def ask():
        with changed:
            theirs.value = True
            changed.notify()
            while theirs.value:
                changed.wait()

    return trips(n, apart, answer_condition, (changed, theirs), ask)


def trials():
    for way in (semaphore, event, condition):
        for place in ("apart", "together"):
            yield f"{way.__name__}_{place}", lambda n, way=way, place=place: way(n, place == "apart")
    yield "semaphore_apart_each", lambda n: semaphore(n, True, us_of_each)


if __name__ == "__main__":
    report(dict(trials()))
