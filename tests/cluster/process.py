# SPDX-License-Identifier: Apache-2.0
"""A server of the cluster: what it says goes to a file, and its end in between is an error that shows the last of it."""
import os
import subprocess

from raw_client import DEADLINE


class Process:
    def __init__(self, name, command, log, **more):
        self.name, self.log = name, log
        with open(log, "ab") as output:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT, start_new_session=True, **more)

    def until(self, holds, deadline=6 * DEADLINE):
        """Asks again and again while the process runs; gives what `holds` gives once that is true."""
        pause, waited = 0.05, 0.0
        while not (found := holds()):
            try:
                self.process.wait(pause)
                raise AssertionError(f"{self.name} ended with {self.process.returncode}; it said:\n{self.last_words()}")
            except subprocess.TimeoutExpired:
                waited += pause
            assert waited < deadline, f"{self.name} was not ready in time; it said:\n{self.last_words()}"
        return found

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-20:])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def finish(self):
        """By TERM and, where that takes too long, by KILL."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def written(path, text, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
    return path
