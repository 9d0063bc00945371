# SPDX-License-Identifier: Apache-2.0
"""System calls of a running program that fail for a while: strace attaches, injects an error, and lets go."""
import signal
import subprocess

from gateway import Lines
from raw_client import DEADLINE


class BrokenCalls:
    """As long as the block lasts these calls fail with this error, in all threads of the process; `when` as strace has it."""

    def __init__(self, pid, calls, error, when=None):
        inject = f"inject={calls}:error={error}" + (f":when={when}" if when else "")
        command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={calls}", "-e", inject, "-p", str(pid)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.said = Lines(self.process.stderr)
        try:
            self.said.wait_for("attached")
        except BaseException:
            self.process.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(DEADLINE)
