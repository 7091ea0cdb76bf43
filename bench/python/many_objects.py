"""CPython keeps, for each lock, an unlinked file of its own mapped, and no descriptor."""

import os
from multiprocessing import Value

from measure import report


def mapped_files_mib():
    total = 0
    with open("/proc/self/maps") as maps:
        for row in maps:
            if "/dev/shm/" in row or "/pym-" in row:
                start, end = row.split()[0].split("-")
                total += int(end, 16) - int(start, 16)
    return total / 2**20


def values(n):
    descriptors = len(os.listdir("/proc/self/fd"))
    kept = [Value("i", i) for i in range(n)]
    return {
        "mib": mapped_files_mib(),
        "descriptors": len(os.listdir("/proc/self/fd")) - descriptors,
        "kept": len(kept),
    }


report({"values": values})
