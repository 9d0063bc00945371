# SPDX-License-Identifier: Apache-2.0
"""What tests/preload/touching.cpp noted: which lines of memory each thread of a running program read and wrote, and where."""
import collections
import mmap
import pathlib
import struct
import subprocess

OFF, ON_WANTED, ON, OFF_WANTED = range(4)
PAGE, LINE = 4096, 64
HEAD = struct.Struct("=QQ")
ACCESS = struct.Struct("=QQ")
ENTRIES = 32766
TABLE = HEAD.size + ENTRIES * ACCESS.size
TABLES = 8
READ, WRITTEN = 1, 2

Touched = collections.namedtuple("Touched", ("read", "written"))  # each: a line's address -> the instruction that was first


class Watch:
    """`environment` makes a program watch itself when it is asked to."""

    def __init__(self, library, file):
        self.file = pathlib.Path(file)
        self.file.write_bytes(bytes(PAGE + -(-TABLE * TABLES // PAGE) * PAGE))
        self.environment = {"LD_PRELOAD": str(library), "TOUCHING_FILE": str(file), "GLIBC_TUNABLES": "glibc.pthread.rseq=0"}
        with open(self.file, "rb+") as opened:
            self.mapped = mmap.mmap(opened.fileno(), 0)

    @property
    def state(self):
        return int.from_bytes(self.mapped[:8], "little")

    def want(self, state):
        self.mapped[:8] = state.to_bytes(8, "little")

    def while_(self, work):
        """Watches from the first of the turns of `work` on; another one after it ends it."""
        self.want(ON_WANTED)
        work()
        assert self.state == ON
        self.want(OFF_WANTED)
        work()
        assert self.state == OFF

    def threads(self):
        """Thread -> Touched."""
        found = {}
        for at in range(PAGE, PAGE + TABLES * TABLE, TABLE):
            thread, missed = HEAD.unpack_from(self.mapped, at)
            assert missed == 0, "its table was full"
            touched = found[thread] = Touched({}, {})
            for what, instruction in ACCESS.iter_unpack(self.mapped[at + HEAD.size:at + TABLE]):
                if what:
                    (touched.read if what % LINE == READ else touched.written)[what // LINE * LINE] = instruction
        return {thread: touched for thread, touched in found.items() if thread}


def shared(one, other):
    """Lines that the first writes and the second reads or writes."""
    return one.written.keys() & (other.written.keys() | other.read.keys())


class Places:
    """Names for addresses in a running program, for whoever has to find out what is shared."""

    def __init__(self, pid):
        self.maps = []
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, _, offset, _, _, *name = line.split(maxsplit=5)
            begin, end = (int(text, 16) for text in span.split("-"))
            self.maps.append((begin, end, int(offset, 16), name[0] if name else "anonymous"))

    def of(self, address):
        return next((one for one in self.maps if one[0] <= address < one[1]), (0, 0, 0, "nowhere"))

    def region(self, address):
        begin, _, _, name = self.of(address)
        return f"{address:#x} ({name}+{address - begin:#x})"

    def function(self, address):
        begin, _, offset, name = self.of(address)
        if not name.startswith("/"):
            return self.region(address)
        # Programs and libraries here lie as their files say, so an offset in the file is the address that addr2line knows,
        # but for the step from one segment to the next.
        loaded = min(one[0] for one in self.maps if one[3] == name)
        said = subprocess.run(["addr2line", "-fCe", name, hex(address - loaded)], capture_output=True, text=True)
        return f"{said.stdout.splitlines()[0] if said.stdout else '?'} ({pathlib.Path(name).name}+{address - loaded:#x})"

    def tell(self, line, **touched):
        said = [self.region(line)]
        for who, one in touched.items():
            for how, instructions in one._asdict().items():
                if line in instructions:
                    said.append(f"  {how} by {who} in {self.function(instructions[line])}")
        return "\n".join(said)
