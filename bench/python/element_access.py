from multiprocessing import Array, RawArray

from measure import measure, report

LENGTH = 1000


def reads(n, a):
    def loop(count):
        for _ in range(count // LENGTH):
            for i in range(LENGTH):
                a[i]

    return measure(n, loop)


def writes(n, a):
    def loop(count):
        for _ in range(count // LENGTH):
            for i in range(LENGTH):
                a[i] = i

    return measure(n, loop)


def trials():
    for kind in (Array, RawArray):
        for type_name, code in (("c_int", "i"), ("c_double", "d")):
            for access in (reads, writes):
                name = f"{access.__name__[:-1]}_{type_name}_{kind.__name__ if kind is RawArray else 'Array'}"
                yield name, lambda n, access=access, kind=kind, code=code: access(n, kind(code, LENGTH))


report(dict(trials()))
