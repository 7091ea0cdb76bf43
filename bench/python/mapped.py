"""Which memory a process has mapped that CPython made for its locks and numbers."""


def mapped_bytes():
    """CPython keeps, for each lock, an unlinked file of its own mapped, and no descriptor."""
    total = 0
    with open("/proc/self/maps") as maps:
        for row in maps:
            if "/dev/shm/" in row or "/pym-" in row:
                start, end = row.split()[0].split("-")
                total += int(end, 16) - int(start, 16)
    return total
