# SPDX-License-Identifier: Apache-2.0
"""What an idle kept connection costs in memory outside the kernel: bytes held, by bench/held_bytes.cpp, and pages in use."""
import contextlib
import resource
import socket
import struct

import figures
from candidates import HOST
from processes import Broken

CONNECTIONS = 10_000
SMOKE = 100
SPARE = 300  # descriptors for all else
REQUEST = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
END = b"x\n"  # of the origin's answer


def ask(connection):
    """One request and all of its answer."""
    connection.sendall(REQUEST)
    answer = b""
    while not answer.endswith(END):
        piece = connection.recv(4096)
        if not piece:
            raise Broken(f"the connection ended in the middle of an answer: {answer!r}")
        answer += piece


def held(child, prefix):
    """(allocated, mapped) in bytes, by all processes of the child."""
    counts = []
    for pid in child.pids():
        with contextlib.suppress(FileNotFoundError):
            counts.append(struct.unpack("qq", prefix.with_name(f"{prefix.name}.{pid}").read_bytes()))
    if not counts:
        raise Broken(f"{child.name} does not count what it holds: is libheld_bytes.so loaded?")
    return tuple(sum(column) for column in zip(*counts, strict=True))


def growth(child, prefix, connections):
    """(allocated, mapped, resident): bytes by which each connection that made one request and is kept lets the child grow.

    One after the other, so that one connection to the origin serves them all and only the clients' side grows.
    """
    with contextlib.ExitStack() as opened:

        def connect():
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", child.port), timeout=10))
            ask(connection)
            return connection

        first = [connect() for _ in range(10)]  # and whatever is made once, at the first requests

        def now():
            ask(first[0])  # what the last but one gave back is back when this is answered
            return *held(child, prefix), child.resident()

        before = now()
        for _ in range(connections):
            connect()
        return tuple((after - earlier) / connections for after, earlier in zip(now(), before, strict=True))


def measure(stand, names, smoke):
    """{candidate: bytes held, each connection}"""
    connections = SMOKE if smoke else min(CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE)
    print(f"\nbytes of each of {connections} idle kept connections, outside the kernel, fresh processes\n")
    rows, found = [("candidate", "allocated", "mapped", "held", "pages in use")], {}
    for name in names:
        if name == "relay":
            continue  # it has a connection to the origin for each
        prefix = stand.folder / f"held-{name}"
        # The C++ library too, for an allocator that a program brings along has operators of its own, which nobody would count.
        child = stand.fresh(name, {"LD_PRELOAD": f"{stand.programs['held_bytes']}:libstdc++.so.6", "HELD_BYTES": str(prefix)})
        allocated, mapped, resident = growth(child, prefix, connections)
        child.end()
        found[name] = allocated + mapped
        rows.append((name, *(f"{value:.0f}" for value in (allocated, mapped, found[name], resident))))
    print("\n".join(figures.table(rows)))
    return found
