# SPDX-License-Identifier: Apache-2.0
"""The counting library counts what it says it does: a Python that calls each function a known number of times."""
import ctypes
import os
import subprocess
import sys

import pytest
from counted import COLUMNS, Counter

CALLS = 100
ROOM = ctypes.create_string_buffer(4096)


def library():
    """Calls that keep Python's own lock, which would be counted too."""
    libc = ctypes.PyDLL(None)
    for name in ("malloc", "calloc", "realloc", "aligned_alloc", "memalign", "reallocarray", "mmap"):
        getattr(libc, name).restype = ctypes.c_void_p
    libc.free.argtypes = libc.malloc_usable_size.argtypes = [ctypes.c_void_p]
    return libc


LIBC = library()


def give_and_take():
    LIBC.free(LIBC.malloc(100))


def grow():
    LIBC.free(LIBC.realloc(ctypes.c_void_p(LIBC.malloc(100)), 10_000))


# name -> (what is done, what it adds to the counts)
CASES = {
    "malloc": (lambda: LIBC.malloc(100), {"allocations": 1}),
    "calloc": (lambda: LIBC.calloc(10, 10), {"allocations": 1}),
    "aligned_alloc": (lambda: LIBC.aligned_alloc(64, 128), {"allocations": 1}),
    "memalign": (lambda: LIBC.memalign(64, 128), {"allocations": 1}),
    "posix_memalign": (lambda: LIBC.posix_memalign(ROOM, 64, 128), {"allocations": 1}),
    "reallocarray": (lambda: LIBC.reallocarray(None, 10, 10), {"allocations": 1}),
    "free": (give_and_take, {"allocations": 1, "releases": 1}),
    "realloc": (grow, {"allocations": 2, "releases": 2}),
    "mmap": (lambda: LIBC.mmap(None, 4096, 1, 0x22, -1, 0), {"mappings": 1}),
    "mutex_lock": (lambda: LIBC.pthread_mutex_lock(bytes(64)), {"locks": 1}),
    "mutex_trylock": (lambda: LIBC.pthread_mutex_trylock(bytes(64)), {"locks": 1}),
    "mutex_timedlock": (lambda: LIBC.pthread_mutex_timedlock(bytes(64), bytes(16)), {"locks": 1}),
    "rwlock_rdlock": (lambda: LIBC.pthread_rwlock_rdlock(ROOM), {"locks": 1}),
    "rwlock_tryrdlock": (lambda: LIBC.pthread_rwlock_tryrdlock(ROOM), {"locks": 1}),
    "rwlock_trywrlock": (lambda: LIBC.pthread_rwlock_trywrlock(bytes(64)), {"locks": 1}),
    "rwlock_wrlock": (lambda: LIBC.pthread_rwlock_wrlock(ctypes.create_string_buffer(64)), {"locks": 1}),
    "spin_lock": (lambda: LIBC.pthread_spin_lock(ctypes.create_string_buffer(b"\1\0\0\0", 64)), {"locks": 1}),
    "clock_gettime": (lambda: LIBC.clock_gettime(1, ROOM), {"clocks": 1}),
    "clock_gettime_of_the_wall": (lambda: LIBC.clock_gettime(0, ROOM), {"wall_clocks": 1}),
    "gettimeofday": (lambda: LIBC.gettimeofday(ROOM, None), {"wall_clocks": 1}),
    "time": (lambda: LIBC.time(None), {"wall_clocks": 1}),
    "timespec_get": (lambda: LIBC.timespec_get(ROOM, 1), {"wall_clocks": 1}),
    "epoll_wait": (lambda: LIBC.epoll_wait(-1, ROOM, 1, 0), {"turns": 1}),
}
EXACT = ("mappings", "locks", "clocks", "wall_clocks", "turns")


def measure(name):
    """In a Python with the library: prints by how much the row of this thread grew for CALLS calls."""
    counter = Counter(os.environ["LD_PRELOAD"], os.environ["COUNTING_FILE"], fresh=False)
    call, _ = CASES[name]
    call()
    before = counter.of(os.getpid())
    for _ in range(CALLS):
        call()
    print(*counter.of(os.getpid()).since(before))


@pytest.mark.parametrize("name", CASES)
def test_it_counts(counting, tmp_path, name):
    counter = Counter(counting, tmp_path / "counts")
    ran = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=True,
                         env=os.environ | counter.environment | {"PYTHONPATH": os.pathsep.join(sys.path)})
    grew = dict(zip(COLUMNS, map(int, ran.stdout.split()), strict=True))
    for column in EXACT:
        assert grew[column] == CALLS * CASES[name][1].get(column, 0), grew
    # Python itself may allocate a little meanwhile.
    for column in ("allocations", "releases"):
        assert 0 <= grew[column] - CALLS * CASES[name][1].get(column, 0) < CALLS // 2, grew


def test_bytes_that_are_held_come_and_go(counting, tmp_path):
    counter = Counter(counting, tmp_path / "counts")
    program = "x = bytes(50_000_000); import sys; print(flush=True); sys.stdin.readline(); del x; print(flush=True); sys.stdin.readline()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          env=os.environ | counter.environment) as python:
        python.stdout.readline()
        holding = counter.of(python.pid).bytes_held
        python.stdin.write(b"\n")
        python.stdin.flush()
        python.stdout.readline()
        assert holding > 50_000_000 and holding - counter.of(python.pid).bytes_held > 49_000_000
        python.stdin.close()


if __name__ == "__main__":
    measure(sys.argv[1])
