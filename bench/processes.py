# SPDX-License-Identifier: Apache-2.0
"""Child processes on one CPU: started, known to hold the port they were given, asked what they used, ended by pid."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

START = 15.0  # seconds until a child must listen
END = 5.0     # seconds between TERM and KILL


class Broken(Exception):
    """The measurement cannot go on; the text says why."""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Child:
    """A program that listens on `port` of 127.0.0.1, with all processes and threads it starts, on one CPU."""

    def __init__(self, name, command, cpu, port, log):
        self.name, self.port, self.log = name, port, pathlib.Path(log)
        with open(log, "wb") as output:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))

    def pids(self):
        """The child and its descendants."""
        found, todo = [], [self.process.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    todo += [int(word) for word in task.read_text().split()]
        return found

    def cpu_ns(self):
        """CPU time so far, of all threads of all processes."""
        total = 0
        for pid in self.pids():
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
                with contextlib.suppress(OSError):  # a thread that ended since it was listed
                    total += int(task.read_text().split()[0])
        return total

    def resident(self):
        """Bytes of memory in use, of all processes."""
        pages = sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids())
        return pages * os.sysconf("SC_PAGE_SIZE")

    def check(self):
        if self.process.poll() is not None:
            raise Broken(f"{self.name} ended with {self.process.returncode}: {self.last_words()}")

    def last_words(self):
        return self.log.read_text(errors="replace").strip()[-600:] or "(it said nothing)"

    def wait_until_listening(self):
        """A program that cannot bind may say so to nobody, and another's answers would be measured: hence the inode."""
        end = time.monotonic() + START
        while time.monotonic() < end:
            self.check()
            inodes = listeners(self.port)
            if inodes & self.sockets():
                if inodes - self.sockets():
                    raise Broken(f"port {self.port} of {self.name} is somebody else's too")
                return
            time.sleep(0.02)
        raise Broken(f"{self.name} does not listen on port {self.port} after {START:.0f} s: {self.last_words()}")

    def sockets(self):
        found = set()
        for pid in self.pids():
            for path in pathlib.Path(f"/proc/{pid}/fd").glob("*"):
                with contextlib.suppress(OSError):
                    found |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(path)))
        return found

    def end(self):
        pids = self.pids()
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(END)
                return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def listeners(port):
    """Inodes of the sockets that listen on the port, of whatever address."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            cells = line.split()
            if cells[3] == "0A" and int(cells[1].split(":")[1], 16) == port:
                found.add(cells[9])
    return found
