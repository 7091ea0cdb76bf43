import statistics
import time
from multiprocessing.managers import SharedMemoryManager

from measure import report


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(status.read().split("VmRSS:")[1].split()[0]) / 1024


def start(n):
    times = []
    for _ in range(n + 1):
        begin = time.perf_counter()
        manager = SharedMemoryManager()
        manager.start()
        times.append((time.perf_counter() - begin) * 1e3)
        mib = resident_mib(manager._process.pid)
        manager.shutdown()
    return {"ms": statistics.median(times[1:]), "mib": mib}


def make(manager, n):
    begin = time.perf_counter()
    for _ in range(n):
        memory = manager.SharedMemory(4096)
        memory.close()
        memory.unlink()
    return {"us": (time.perf_counter() - begin) / n * 1e6}


def blocks(n):
    manager = SharedMemoryManager()
    manager.start()
    make(manager, n // 4)
    result = make(manager, n)
    # It would look for each block at its shutdown and complain of those that are gone.
    manager._process.kill()
    return result


report({"start": start, "blocks": blocks})
