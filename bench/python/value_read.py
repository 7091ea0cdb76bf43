from multiprocessing import Value

from measure import measure, report


def reads(n, v):
    def loop(count):
        for _ in range(count):
            v.value

    return measure(n, loop)


def writes(n, v):
    def loop(count):
        for i in range(count):
            v.value = i

    return measure(n, loop)


report(
    {
        "read_c_int": lambda n: reads(n, Value("i", 3)),
        "write_c_int": lambda n: writes(n, Value("i")),
        "read_c_double": lambda n: reads(n, Value("d", 0.5)),
        "write_c_double": lambda n: writes(n, Value("d")),
    }
)
