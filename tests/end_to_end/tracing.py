# SPDX-License-Identifier: Apache-2.0
"""strace attached to a process or thread of somebody else, for as long as a block lasts."""
import signal
import subprocess

from gateway import Lines
from raw_client import DEADLINE


class Traced:
    def __init__(self, pid, *options):
        command = ["strace", *options, "-p", str(pid)]
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
