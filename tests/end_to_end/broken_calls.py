# SPDX-License-Identifier: Apache-2.0
"""System calls of a running program that fail for a while: strace attaches, injects an error, and lets go."""
import pathlib

from tracing import Traced

INJECTED = "(INJECTED)"


def was_injected(file):
    """Whether strace, which writes to this file, made a call fail."""
    with open(file, encoding="utf-8", errors="backslashreplace") as lines:
        return any(INJECTED in line for line in lines)


class BrokenCalls(Traced):
    """As long as the block lasts these calls fail with this error, in all threads of the process; `when` as strace has it. A block
    in which none of them is made proves nothing, and fails.
    """

    def __init__(self, pid, file, calls, error, when=None):
        self.file, self.what = pathlib.Path(file), f"{calls}:error={error}" + (f":when={when}" if when else "")
        super().__init__(pid, "-f", "-o", self.file, "-e", f"trace={calls}", "-e", f"inject={self.what}")

    def has_failed_one(self):
        return was_injected(self.file)

    def __exit__(self, kind, *_):
        super().__exit__(kind, *_)
        assert kind is not None or self.has_failed_one(), f"no call was made for {self.what}"
