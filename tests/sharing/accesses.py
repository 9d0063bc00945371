# SPDX-License-Identifier: Apache-2.0
"""What tests/sharing/accesses.cpp notes of a program: which lines of memory each of its threads reads and writes."""
import collections
import pathlib
import signal
import subprocess
import time

from gateway import BINARY
from raw_client import DEADLINE

Line = collections.namedtuple("Line", ("thread", "address", "reader", "writer"))


class Accesses:
    """`environment` makes a program note into this file; `window(pid)` is when it does."""

    def __init__(self, file):
        self.file = pathlib.Path(file)
        self.file.touch()
        self.environment = {"ACCESSES_FILE": str(file)}

    def turn_over(self, program, says):
        before = self.file.read_text().count("\n")
        program.send_signal(signal.SIGUSR2)
        end = time.monotonic() + DEADLINE
        while self.file.read_text().splitlines()[before:] != [says]:
            assert time.monotonic() < end, self.file.read_text()

    def begin(self, program):
        self.turn_over(program, "on")

    def end(self, program):
        self.turn_over(program, "off")

    def lines(self):
        """After the program has ended."""
        rows = (row.split() for row in self.file.read_text().splitlines())
        return [Line(int(row[0]), *(int(number, 16) for number in row[1:])) for row in rows if len(row) == 4]

    def shared(self, threads):
        """(one who writes a line of memory, another who reads or writes it), for all such lines and of these threads."""
        by_address = collections.defaultdict(list)
        for line in self.lines():
            if line.thread in threads:
                by_address[line.address].append(line)
        return [(one, other) for of in by_address.values() for one in of for other in of if one.writer and one.thread != other.thread]


def places(pairs):
    """For people: where in the source it is done."""
    offsets = sorted({offset for pair in pairs for line in pair for offset in (line.reader, line.writer) if offset})
    told = subprocess.run(["llvm-symbolizer-19", "--obj", BINARY, "--output-style=GNU", "--pretty-print", "--no-inlines", *map(hex, offsets)],
                          capture_output=True, text=True, check=False).stdout.splitlines()
    names = dict(zip(offsets, told))
    return "\n".join(f"{one.address:#x}: written by {names.get(one.writer)}; elsewhere read by {names.get(other.reader)}, "
                     f"written by {names.get(other.writer)}" for one, other in pairs)
