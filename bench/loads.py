# SPDX-License-Identifier: Apache-2.0
"""What is sent, and bench/load, the process that sends it."""
import contextlib
import dataclasses
import os
import pathlib
import select
import subprocess

from candidates import HOST
from processes import Broken

BROWSER = (
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("Accept-Language", "en-GB,en;q=0.9,de;q=0.8"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Cache-Control", "max-age=0"),
    ("Cookie", "session=5f1c2ad09b7e4c55a1b0c; theme=dark; consent=yes; seen=2026-11-01; basket=3fe1c0a9; language=en"),
    ("Dnt", "1"),
    ("If-Modified-Since", "Sun, 01 Nov 2026 10:00:00 GMT"),
    ("Priority", "u=0, i"),
    ("Referer", f"http://{HOST}/a/page/that/links/here?with=a&query=string"),
    ("Sec-Ch-Ua", '"Chromium";v="130", "Not?A_Brand";v="99"'),
    ("Sec-Ch-Ua-Mobile", "?0"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Upgrade-Insecure-Requests", "1"),
)
KIB, MIB = 1024, 1024 * 1024
PATIENCE = 60.0  # seconds more than a slice should take


@dataclasses.dataclass(frozen=True)
class Load:
    title: str
    connections: int = 64
    path: str = "/"
    fields: tuple = ()
    body: int = 0  # bytes of the request's
    fresh: bool = False  # a new connection for each request

    def size(self):
        """Bytes of the body that is measured; 0: it is requests that are."""
        return self.body or int(self.path[1:] or 0)

    def head(self):
        fields = [("Host", HOST), *self.fields]
        if self.body:
            fields.append(("Content-Length", self.body))
        if self.fresh:
            fields.append(("Connection", "close"))
        method = "POST" if self.body else "GET"
        return "\r\n".join([f"{method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields), "", ""]).encode()

    def request(self):
        return self.head() + b"x" * self.body


SHORT = Load("short head, answer of 100 bytes")
BROWSER_HEAD = Load("browser's head, answer of 100 bytes", fields=BROWSER)
MANY = Load("short head, answer of 100 bytes", connections=512)
FEW = Load("short head, answer of 100 bytes", connections=8)
FRESH = Load("a new connection for each request, short head, answer of 100 bytes", fresh=True)
DOWN = Load("answer of 64 KiB", path=f"/{64 * KIB}", connections=16)
UP = Load("request of 64 KiB, answer of 100 bytes", body=64 * KIB, connections=16)


class Generator:
    """bench/load on one CPU, and its targets."""

    def __init__(self, binary, cpu, folder):
        self.folder, self.targets = folder, {}
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))

    def ask(self, command, seconds=0.0):
        """The numbers that it says when it is done, after so many seconds."""
        with contextlib.suppress(BrokenPipeError):
            print(command, file=self.process.stdin, flush=True)
        ready, _, _ = select.select([self.process.stdout], [], [], seconds + PATIENCE)
        said = self.process.stdout.readline() if ready else ""
        if not said:
            self.process.kill()
            why = self.process.stderr.read().strip() or f"no answers for {PATIENCE:.0f} s"
            raise Broken(f"the load ended at \"{command}\": {why}")
        return [float(word) for word in said.split()]

    def target(self, load, port):
        key = (load, port)
        if key not in self.targets:
            file = self.folder / f"request-{len(self.targets)}"
            file.write_bytes(load.request())
            self.targets[key] = int(self.ask(f"target {port} {load.connections} {file}")[0])
        return self.targets[key]

    def send(self, load, port, seconds):
        """(requests answered, seconds it took)"""
        requests, took = self.ask(f"{'fresh' if load.fresh else 'kept'} {self.target(load, port)} {seconds}", seconds)
        return int(requests), took

    def send_at(self, load, port, seconds, rate):
        """(requests a second, {quantile: microseconds})"""
        requests, took, *latencies = self.ask(f"paced {self.target(load, port)} {seconds} {rate}", seconds)
        return requests / took, dict(zip((0.5, 0.9, 0.99, 0.999, 1.0), latencies, strict=True))

    def close(self, load, port):
        self.ask(f"close {self.target(load, port)}")

    def cpu_ns(self):
        return int(pathlib.Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[0])

    def end(self):
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
            return
        self.process.kill()
        self.process.wait()
