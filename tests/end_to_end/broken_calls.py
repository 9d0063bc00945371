# SPDX-License-Identifier: Apache-2.0
"""System calls of a running program that fail for a while: strace attaches, injects an error, and lets go."""
import pathlib
import signal
import subprocess

from gateway import Lines
from raw_client import DEADLINE

INJECTED = "(INJECTED)"


def was_injected(file):
    """Whether strace, which writes to this file, made a call fail."""
    with open(file, encoding="utf-8", errors="backslashreplace") as lines:
        return any(INJECTED in line for line in lines)


class BrokenCalls:
    """As long as the block lasts these calls fail with this error, in all threads of the process; `when` as strace has it. A block
    in which none of them is made proves nothing, and fails.
    """

    def __init__(self, pid, file, calls, error, when=None):
        self.file, self.what = pathlib.Path(file), f"{calls}:error={error}" + (f":when={when}" if when else "")
        command = ["strace", "-f", "-o", self.file, "-e", f"trace={calls}", "-e", f"inject={self.what}", "-p", str(pid)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.said = Lines(self.process.stderr)
        try:
            self.said.wait_for("attached")
        except BaseException:
            self.process.kill()
            raise

    def has_failed_one(self):
        return was_injected(self.file)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(DEADLINE)
        assert kind is not None or self.has_failed_one(), f"no call was made for {self.what}"
