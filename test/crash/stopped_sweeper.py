"""Holds all that a sweep holds, the lock on the folder and the lease of a block, and stands still (SIGSTOP). Goes on to its end when it is continued."""

import fcntl
import os
import signal
import sys

folder = os.open('/dev/shm', os.O_RDONLY | os.O_DIRECTORY)
fcntl.flock(folder, fcntl.LOCK_EX)
block = os.open(f'/dev/shm/{sys.argv[1]}', os.O_RDWR | os.O_NONBLOCK)
fcntl.fcntl(block, fcntl.F_SETSIG, signal.SIGURG)
fcntl.fcntl(block, fcntl.F_SETLEASE, fcntl.F_WRLCK)
os.kill(os.getpid(), signal.SIGSTOP)
