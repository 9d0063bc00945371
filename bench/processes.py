# SPDX-License-Identifier: Apache-2.0
"""Child processes on chosen CPUs: started, known to hold the port they were given, asked what they used, ended by pid."""
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


class Process:
    """A running one with all its threads, and the processes that it started: what they use."""

    def __init__(self, pid):
        self.pid = pid

    def pids(self):
        """It and its descendants."""
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    todo += [int(word) for word in task.read_text().split()]
        return found

    def cpu_ns(self):
        """CPU time so far, of all threads of all processes."""
        return sum(Process(pid).own_cpu_ns() for pid in self.pids())

    def own_cpu_ns(self):
        """Of its own threads alone."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):  # a thread that ended since it was listed
                total += int(task.read_text().split()[0])
        return total

    def resident(self):
        """Bytes of memory in use, of all processes."""
        pages = sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids())
        return pages * os.sysconf("SC_PAGE_SIZE")

    def reset_peak(self):
        for pid in self.pids():
            pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak(self):
        """The most bytes of memory in use since reset_peak(), of all processes."""
        texts = [pathlib.Path(f"/proc/{pid}/status").read_text() for pid in self.pids()]
        return 1024 * sum(int(re.search(r"^VmHWM:\s+(\d+) kB", text, re.MULTILINE)[1]) for text in texts)

    def shared_memory(self):
        """(RSS, PSS) in bytes, of all processes."""
        found = {"Rss": 0, "Pss": 0}
        for pid in self.pids():
            rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            for name in found:
                found[name] += 1024 * int(re.search(rf"^{name}: +(\d+) kB", rollup, re.MULTILINE)[1])
        return found["Rss"], found["Pss"]

    def sockets(self):
        found = set()
        for pid in self.pids():
            for path in pathlib.Path(f"/proc/{pid}/fd").glob("*"):
                with contextlib.suppress(OSError):
                    found |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(path)))
        return found


class Child(Process):
    """A program that listens on `port` of an address, with all processes and threads it starts, on one CPU or a set of them."""

    def __init__(self, name, command, cpu, port, log, environment=None):
        self.name, self.port, self.log = name, port, pathlib.Path(log)
        cpus = {cpu} if isinstance(cpu, int) else cpu
        with open(log, "wb") as output:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            env=os.environ | (environment or {}), preexec_fn=lambda: os.sched_setaffinity(0, cpus))
        super().__init__(self.process.pid)

    def check(self):
        if self.process.poll() is not None:
            raise Broken(f"{self.name} ended with {self.process.returncode}: {self.last_words()}")

    def last_words(self):
        return self.log.read_text(errors="replace").strip()[-600:] or "(it said nothing)"

    def wait_until_listening(self, limit=START):
        """A program that cannot bind may say so to nobody, and another's answers would be measured: hence the inode."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            self.check()
            inodes = listeners(self.port)
            if inodes & self.sockets():
                if inodes - self.sockets():
                    raise Broken(f"port {self.port} of {self.name} is somebody else's too")
                return
            time.sleep(0.02)
        raise Broken(f"{self.name} does not listen on port {self.port} after {limit:.0f} s: {self.last_words()}")

    def wait_until_saying(self, words):
        """A program that says itself that it listens."""
        end = time.monotonic() + START
        while words not in self.log.read_text(errors="replace"):
            self.check()
            if time.monotonic() > end:
                raise Broken(f"{self.name} does not say \"{words}\" after {START:.0f} s: {self.last_words()}")
            time.sleep(0.005)

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
