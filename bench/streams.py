# SPDX-License-Identifier: Apache-2.0
"""What is asked over TLS and HTTP/2, by bench/stream_load, and the stand on which the candidates take turns."""
import dataclasses
import http.client
import pathlib
import ssl
import subprocess
import tempfile

import machine
import stream_candidates
from candidates import HOST
from loads import Generator
from processes import Broken, free_port
from stand import Stand

TLS, H2C = "tls", "h2c"  # the two sets of candidates


@dataclasses.dataclass(frozen=True)
class StreamLoad:
    title: str
    kind: str  # as bench/stream_load.cpp has it
    command: str = "kept"
    connections: int = 64
    streams: int = 1
    path: str = "/"
    set: str = TLS
    without: tuple = ()  # candidates that do not do it


H1S = StreamLoad("HTTP/1.1 over TLS, answer of 100 bytes", "h1s")
H2S = StreamLoad("HTTP/2 over TLS, answer of 100 bytes from an origin of HTTP/1.1", "h2s", connections=8, streams=32)
GRPC = StreamLoad("gRPC, unary calls of 32 bytes, HTTP/2 in cleartext on both sides", "grpc", connections=8, streams=32, path="/bench.Bench/Call", set=H2C)
FULL = StreamLoad("full handshakes, TLS 1.3, ECDSA P-256", "h1s", "full", connections=16)
RESUMED = StreamLoad("resumed handshakes, TLS 1.3", "h1s", "resumed", connections=16, without=("h2o",))  # whose 2.2 goes on with no session of TLS 1.3


class StreamGenerator(Generator):
    def target(self, load, port):
        key = (load, port)
        if key not in self.targets:
            self.targets[key] = int(self.ask(f"target {port} {load.connections} {load.kind} {load.streams} {HOST} {load.path}")[0])
        return self.targets[key]

    def send(self, load, port, seconds):
        """(answers or handshakes, seconds it took)"""
        count, took = self.ask(f"{load.command} {self.target(load, port)} {seconds}", seconds)
        return int(count), took


class StreamStand(Stand):
    """The candidates of one set, before their origin. They are ended when `stack` is closed."""

    def __init__(self, which, programs, folder, stack):
        self.which, self.stack, self.programs = which, stack, programs
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        self.load_cpu, self.cpu = machine.two_cpus()
        if which == TLS:
            self.recipes = stream_candidates.with_tls(programs, stream_candidates.Certificate(self.folder))
        else:
            self.recipes = stream_candidates.with_h2c(programs)
        port = free_port()
        self.origin = self.start("origin", self.origin_command(port), self.load_cpu, port)
        self.load = StreamGenerator(programs["stream_load"], self.load_cpu, self.folder)
        stack.callback(self.load.end)
        self.running = {}

    def origin_command(self, port):
        if self.which == TLS:
            return [self.programs["origin"], port]
        answer = self.folder / "htdocs" / "bench.Bench" / "Call"
        answer.parent.mkdir(parents=True)
        answer.write_bytes(b"\0\0\0\0\x20" + b"x" * 32)
        return ["nghttpd", "--no-tls", "--address=127.0.0.1", "--trailer=grpc-status: 0", f"--htdocs={answer.parent.parent}", "--max-concurrent-streams=1000", port]

    def check_work(self, child):
        check_work(child, self.which)


def client_context(protocol):
    """Believes everybody: it is known who listens. The cipher is that of bench/stream_target.cpp."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols([protocol])
    return context


def check_work(child, which):
    """The answers are the origin's; over TLS the origin is told what all gateways tell it, and that it was TLS."""
    if which == H2C:
        done = subprocess.run(["curl", "-sS", "--max-time", "10", "--http2-prior-knowledge", "-H", f"Host: {HOST}", "-d", "x", "-w", "%{http_version} %{http_code} %{size_download}",
                               "-o", "/dev/null", f"http://127.0.0.1:{child.port}/bench.Bench/Call"], capture_output=True, text=True, check=False)
        if done.stdout != "2 200 37":
            raise Broken(f"{child.name} answers a call with {done.stdout!r} {done.stderr!r}")
        return
    for path in ("/", "/70000", "/managed"):
        connection = http.client.HTTPConnection("127.0.0.1", child.port, timeout=10)
        connection.connect()
        connection.sock = client_context("http/1.1").wrap_socket(connection.sock, server_hostname=HOST)
        connection.request("GET", path, headers={"Host": HOST, "X-Forwarded-For": "192.0.2.1"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        told = dict(line.split("=", 1) for line in body.decode().splitlines()) if path == "/managed" else {}
        good = told.get("X-Forwarded-Proto") == "https" and all(told.values()) if path == "/managed" else len(body) == int(path[1:] or 100)
        if response.status != 200 or not good:
            raise Broken(f"{child.name} answers {path} with {response.status} {body[:400]!r}")
