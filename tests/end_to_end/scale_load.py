# SPDX-License-Identifier: Apache-2.0
"""The load of load.py as a test holds it: begun, waited for by numbers of requests, and judged at the end."""
import json
import os
import subprocess

from gateway import Lines, address_in
from raw_client import DEADLINE

PROGRAM = os.path.join(os.path.dirname(__file__), "load.py")


class Load:
    """A process of its own, so that no test takes its turns away. `port` is of the origin of slow bodies and tunnels, which
    listens on 127.0.0.1 and 127.0.0.2 or on these addresses.
    """

    def __init__(self, *addresses):
        self.process = subprocess.Popen(["/usr/bin/python3", PROGRAM, *addresses], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.output, self.errors = Lines(self.process.stdout), Lines(self.process.stderr)
        self.port = address_in(self.output.wait_for("listening on"))[1]

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def begin(self, address, asks, slow=(), rate=2000, connections=40):
        """`asks`: (host, target) in turn, on kept-alive connections, or (host, target, what is posted there); `slow`: hosts that lead
        to the slow origin.
        """
        self.asks = list(asks)
        plan = {"address": address, "asks": self.asks, "slow": list(slow), "rate": rate, "connections": connections}
        self.say(json.dumps(plan))
        self.output.wait_for("^begun")

    def answered(self):
        """How many were, so far. Their number goes by the hundred."""
        last = self.output.lines[-1]
        return int(last.split()[1]) if last.startswith("done ") else 0

    def wait_for_more_requests(self, count):
        """Blocks until so many more were answered."""
        self.wait_for_requests(self.answered() + count)

    def wait_for_requests(self, count):
        """Blocks until so many were answered."""
        try:
            self.output.wait_until(lambda _: self.answered() >= count)
        except AssertionError:
            raise AssertionError(f"{count} requests never were: {self.output.lines[-1]}; the load said:\n{self.errors.text()}") from None

    def stop(self):
        """What was seen: {"seen": [[connection, number of the ask, begun, ended, who or status]], "errors": [[number of the ask, the first
        line of an answer that is not 200]], "failures", "slow", …}. The slow origin stays until the end.
        """
        self.say("stop")
        return json.loads(self.output.wait_for("^{"))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        if kind is not None:
            self.process.kill()
        self.process.wait(DEADLINE)
        self.errors.reader.join(DEADLINE)
        assert kind is not None or not self.errors.lines, self.errors.text()


def rate_of(seen):
    """Requests a second, from the first's begin to the last's end."""
    return len(seen) / (max(ended for _, _, _, ended, _ in seen) - min(begun for _, _, begun, _, _ in seen))


def slowest_of(seen, share):
    """The time that this share of the requests stayed below, in milliseconds."""
    times = sorted(ended - begun for _, _, begun, ended, _ in seen)
    return times[min(int(len(times) * share), len(times) - 1)] * 1000
