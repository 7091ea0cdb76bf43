from multiprocessing.shared_memory import SharedMemory

from measure import measure, report

SIZE = 4096


def us(n, loop):
    return {"us": measure(n, loop)["ns"] / 1e3}


def create(n):
    def loop(count):
        for _ in range(count):
            block = SharedMemory(create=True, size=SIZE)
            block.close()
            block.unlink()

    return us(n, loop)


def attach(n):
    made = SharedMemory(create=True, size=SIZE)

    def loop(count):
        for _ in range(count):
            SharedMemory(made.name).close()

    result = us(n, loop)
    made.close()
    made.unlink()
    return result


def beside(others, trial, n):
    kept = [SharedMemory(create=True, size=SIZE) for _ in range(others)]
    result = trial(n)
    for each in kept:
        each.close()
        each.unlink()
    return result


report(
    {
        "create": create,
        "attach": attach,
        "create_beside_100": lambda n: beside(100, create, n),
    }
)
