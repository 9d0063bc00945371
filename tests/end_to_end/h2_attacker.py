# SPDX-License-Identifier: Apache-2.0
"""An attacker in a process of its own: floods one connection until the gateway has cut it, then the next one.

    h2_attacker.py PLAN     with JSON {"address": [host, port], "source": address, "host": name, "flood": its name}

Each line on its standard output is JSON of one connection that was cut: how many bytes were sent on it, how many came back, how
long it lasted, and the code of the GOAWAY. It ends when its standard input does.
"""
import json
import select
import subprocess
import sys
import time

import h2_frames as h2
from h2_floods import FLOODS
from processors import ELSEWHERE
from raw_client import DEADLINE, connect

STREAM_LOST = h2.reset(1)[:9]
LONGEST = 4 * DEADLINE  # a client that takes hardly anything has a `write-stall` of 30 s, if not another one behind it


class Attacker:
    """The side of the test."""

    def __init__(self, address, host, flood, source="127.0.0.66"):
        plan = {"address": address, "source": source, "host": host, "flood": flood}
        command = [*ELSEWHERE, sys.executable, __file__, json.dumps(plan)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def cut(self):
        """What became of its next connection; it fails when the gateway does not cut it."""
        line = self.process.stdout.readline()
        assert line, "the attacker ended by itself"
        said = json.loads(line)
        assert said["cut"], said
        return said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Attack:
    """One connection of it."""

    def __init__(self, plan):
        self.flood = FLOODS[plan["flood"]]
        self.socket = connect(tuple(plan["address"]), source=plan["source"])
        self.socket.setblocking(False)
        self.unsent = h2.PREFACE + h2.settings(*self.flood.settings)
        self.pieces = self.flood.pieces(plan["host"])
        self.sent, self.received, self.last = 0, 0, b""
        self.begun, self.due = time.monotonic(), 0.0
        self.is_cut = False

    def write(self):
        if not self.unsent:
            self.unsent = next(self.pieces, b"")
            self.due = time.monotonic() + self.flood.pause
        try:
            count = self.socket.send(self.unsent)
        except BlockingIOError:
            return
        except OSError:
            self.is_cut = True
            return
        self.sent, self.unsent = self.sent + count, self.unsent[count:]

    def read(self):
        """One who does not read notices the end by sending."""
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.received += len(data)
        self.last = (self.last + data)[-1024:]
        self.is_cut = self.is_cut or not data or (self.flood.loses == "stream" and STREAM_LOST in self.last)

    def run(self):
        """Until it is cut, or nothing has happened for long."""
        end = self.begun + LONGEST
        while not self.is_cut and time.monotonic() < end:
            wait = 0 if self.unsent else max(0.0, self.due - time.monotonic())
            readers, writers, broken = select.select([self.socket] if self.flood.reads else [], [] if wait else [self.socket],
                                                     [self.socket],
                                                     wait or DEADLINE)
            if readers or broken:
                self.read()
            if writers and not self.is_cut:
                self.write()
        return {"cut": self.is_cut, "sent": self.sent, "received": self.received, "seconds": time.monotonic() - self.begun}


def main():
    plan = json.loads(sys.argv[1])
    while not select.select([sys.stdin], [], [], 0)[0]:
        attack = Attack(plan)
        print(json.dumps(attack.run()), flush=True)
        attack.socket.close()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit(0)
