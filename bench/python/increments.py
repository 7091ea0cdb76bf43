from multiprocessing import Value

from measure import expect_exact, iterations_in_all, ns_per_iteration, report


def locked(n):
    v = Value("i")

    def loop(count):
        for _ in range(count):
            with v.get_lock():
                v.value += 1

    ns = ns_per_iteration(n, loop)
    expect_exact("locked", v.value, iterations_in_all(n))
    return {"ns": ns}


report({"locked": locked})
