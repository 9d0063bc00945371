# SPDX-License-Identifier: Apache-2.0
"""A body of a gibibyte through TLS: CPU time a MiB, and by how much it makes a process grow."""
import socket

import figures
import loads
import machine
from bodies import PIECE, ROOM, SIZE, SMOKE, on_cpu
from candidates import HOST
from processes import Broken
from streams import client_context

ROUNDS = 5


def receive(connection, size):
    """One answer of so many bytes."""
    connection.sendall(f"GET /{size} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(1024)
        if not piece:
            raise Broken(f"the connection ended in a head: {head!r}")
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise Broken(f"answered with {head!r}")
    left = size - len(body)
    while left:
        got = connection.recv_into(ROOM, min(left, PIECE))
        if not got:
            raise Broken(f"the connection ended {left} bytes too early")
        left -= got


def measure_one(stand, child, size):
    """(us of CPU a MiB, bytes by which the process grew)"""
    with on_cpu(stand.load_cpu), socket.create_connection(("127.0.0.1", child.port), timeout=60) as plain:
        with client_context("http/1.1").wrap_socket(plain, server_hostname=HOST) as connection:
            receive(connection, 100)
            before, used = child.resident(), child.cpu_ns()
            child.reset_peak()
            receive(connection, size)
            return (child.cpu_ns() - used) / 1000 / (size / loads.MIB), child.peak() - before


def measure(stand, names, smoke):
    """({candidate: [us a MiB, one a round]}, {candidate: the most bytes of growth})"""
    size, rounds = (SMOKE, 1) if smoke else (SIZE, ROUNDS)
    for name in names:
        stand.candidate(name)
    print(f"\nanswers of {size // loads.MIB} MiB through TLS, one connection, {rounds} rounds\n")
    others = stand.others()
    found, growth = {name: [] for name in names}, dict.fromkeys(names, 0)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            cost, grown = measure_one(stand, stand.candidate(name), size)
            found[name].append(cost)
            growth[name] = max(growth[name], grown)
    grown_by = {name: f"{grown / loads.MIB:.2f}" for name, grown in growth.items()}
    print("\n".join(figures.cost_table(found, [one for one in ("nginx",) if one in names], "us/MiB", {"grew by MiB": grown_by})))
    print(machine.busy_note(others.share()))
    return found, growth
