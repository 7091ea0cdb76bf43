from multiprocessing import Value

from measure import ns_per_iteration, report


def reads(n, v):
    def loop(count):
        for _ in range(count):
            v.value

    return {"ns": ns_per_iteration(n, loop)}


def writes(n, v):
    def loop(count):
        for i in range(count):
            v.value = i

    return {"ns": ns_per_iteration(n, loop)}


report(
    {
        "read_c_int": lambda n: reads(n, Value("i", 3)),
        "write_c_int": lambda n: writes(n, Value("i")),
        "read_c_double": lambda n: reads(n, Value("d", 0.5)),
        "write_c_double": lambda n: writes(n, Value("d")),
    }
)
