# SPDX-License-Identifier: Apache-2.0
"""Bodies of a gibibyte, one at a time: CPU time a MiB; and by how much bodies, large or many, make a process grow."""
import contextlib
import os
import socket

import costs
import figures
import loads
import machine
from candidates import HOST
from processes import Broken

SIZE = 1024 * loads.MIB
SMOKE = 16 * loads.MIB
ROUNDS = 7
PIECE = loads.MIB
ROOM = bytearray(PIECE)


def receive_answer(connection, flags=socket.MSG_TRUNC):
    """Reads a whole answer; unless told otherwise, the kernel drops the bytes of its body."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(1024)
        if not piece:
            raise Broken(f"the connection ended in a head: {head!r}")
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    if not head.startswith(b"HTTP/1.1 200") or not lengths:
        raise Broken(f"answered with {head!r}")
    left = int(lengths[0]) - len(body)
    while left:
        got = connection.recv_into(ROOM, min(left, PIECE), flags)
        if not got:
            raise Broken(f"the connection ended {left} bytes too early")
        left -= got


def down(connection, size):
    connection.sendall(f"GET /{size} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    receive_answer(connection)


def up(connection, size):
    connection.sendall(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {size}\r\n\r\n".encode())
    for _ in range(size // PIECE):
        connection.sendall(ROOM)
    receive_answer(connection)


@contextlib.contextmanager
def on_cpu(number):
    """The client is this very program: left to itself it would now and then share the candidate's CPU."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {number})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def connect(child):
    return socket.create_connection(("127.0.0.1", child.port), timeout=60)


def measure_one(stand, child, size, transfer, small=down, connect_to=connect):
    """(us of CPU a MiB, bytes by which the process grew): the connection has had a small request before."""
    with on_cpu(stand.load_cpu), connect_to(child) as connection:
        small(connection, 100)
        before, used = child.resident(), child.cpu_ns()
        child.reset_peak()
        transfer(connection, size)
        return (child.cpu_ns() - used) / 1000 / (size / loads.MIB), child.peak() - before


def measure_large(stand, names, rounds, size, what, *ways):
    """({candidate: [us a MiB, one a round]}, {candidate: the most bytes of growth}); `ways` is what measure_one wants to know."""
    for name in names:
        stand.candidate(name)
    print(f"\n{what.format(f'{size // loads.MIB} MiB')}, one connection, {rounds} rounds\n")
    others = stand.others()
    found, growth = {name: [] for name in names}, dict.fromkeys(names, 0)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            cost, grown = measure_one(stand, stand.candidate(name), size, *ways)
            found[name].append(cost)
            growth[name] = max(growth[name], grown)
    beside = [name for name in ("relay", "nginx") if name in names]
    grown_by = {name: f"{grown / loads.MIB:.2f}" for name, grown in growth.items()}
    print("\n".join(figures.cost_table(found, beside, "us/MiB", {"grew by MiB": grown_by})))
    print(machine.busy_note(others.share()))
    return found, growth


def growth_under(stand, names, load, seconds):
    """{candidate: bytes by which it grows under the load, beyond what its first moments took}"""
    growth = {}
    for name in names:
        child = stand.candidate(name)
        costs.measure_slice(stand, name, load, seconds)
        before = child.resident()
        child.reset_peak()
        costs.measure_slice(stand, name, load, 3 * seconds)
        growth[name] = child.peak() - before
        stand.load.close(load, child.port)
    return growth


def measure(stand, names, smoke):
    """(costs, growth): what bars.py wants to know."""
    rounds, size, seconds = (1, SMOKE, 0.05) if smoke else (ROUNDS, SIZE, 0.3)
    large, growth = {}, {}
    for word, what, transfer in (("down", "answers of {}", down), ("up", "requests of {}", up)):
        large[f"1 GiB {word}"], growth[f"1 GiB {word}"] = measure_large(stand, names, rounds, size, what, transfer)
    for word, load in (("down", loads.DOWN), ("up", loads.UP)):
        growth[f"64 KiB {word}"] = growth_under(stand, names, load, seconds)
    print(f"\nMiB that 64 KiB bodies let a process grow by, {loads.DOWN.connections} connections, after the first {seconds:g} s of them\n")
    rows = [("candidate", "down", "up")]
    rows += [(name, *(f"{growth[f'64 KiB {word}'][name] / loads.MIB:.2f}" for word in ("down", "up"))) for name in names]
    print("\n".join(figures.table(rows)))
    return large, growth
