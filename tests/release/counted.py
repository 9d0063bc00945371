# SPDX-License-Identifier: Apache-2.0
"""What tests/preload counts and what strace saw, of one thread of a running program."""
import collections
import mmap
import os
import pathlib
import re
import struct

from tracing import Traced

COLUMNS = ("thread", "allocations", "releases", "bytes_taken", "bytes_given", "mappings", "locks", "clocks", "wall_clocks", "turns")
ROW = struct.Struct("=16Q")
ROWS = 64
CALL = re.compile(r"(?:\d+ +)?(?:<\.\.\. )?(\w+)[( ]")


class Counts(collections.namedtuple("Counts", COLUMNS)):
    def since(self, before):
        return self._replace(**{name: getattr(self, name) - getattr(before, name) for name in COLUMNS[1:]})

    @property
    def bytes_held(self):
        return self.bytes_taken - self.bytes_given


class Counter:
    """`environment` makes a program count into this file."""

    def __init__(self, library, file, fresh=True):
        self.file = pathlib.Path(file)
        if fresh:
            self.file.write_bytes(bytes(ROWS * ROW.size))
        self.environment = {"LD_PRELOAD": str(library), "COUNTING_FILE": str(file)}
        with open(self.file, "rb") as opened:
            self.mapped = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)

    def rows(self):
        all_rows = (Counts(*ROW.unpack_from(self.mapped, at * ROW.size)[:len(COLUMNS)]) for at in range(ROWS))
        return [row for row in all_rows if row.thread]

    def of(self, thread):
        return next(row for row in self.rows() if row.thread == thread)

    def worker(self, pid):
        """The one thread beside the main one that turns a loop: so it takes a gateway with one worker."""
        loops = [row.thread for row in self.rows() if row.turns and row.thread != pid]
        assert len(loops) == 1, self.rows()
        return loops[0]


def only_other_thread(pid):
    """Without an access log a gateway with one worker has two threads."""
    threads = {int(name) for name in os.listdir(f"/proc/{pid}/task")} - {pid}
    assert len(threads) == 1, threads
    return threads.pop()


class Strace(Traced):
    """Names of the system calls that one thread makes, for as long as the block lasts: `calls` afterwards."""

    def __init__(self, thread, file):
        self.file, self.calls = pathlib.Path(file), collections.Counter()
        super().__init__(thread, "-o", self.file)

    def __exit__(self, *given):
        super().__exit__(*given)
        for line in self.file.read_text().splitlines():
            if "resumed>" not in line and (call := CALL.match(line)):
                self.calls[call.group(1)] += 1
