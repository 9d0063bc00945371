# SPDX-License-Identifier: Apache-2.0
"""Kept connections to a gateway of which it is known which worker serves each, and asking all workers until all agree.

A worker is a thread with an epoll descriptor of its own. /proc tells which one holds a connection: the connection's other end is
a row of /proc/net/tcp with an inode, the inode is a descriptor of the gateway, and the fdinfo of an epoll descriptor lists what it
watches. Nothing is guessed from answers or times.
"""
import pathlib
import os
import re
import socket
import time

from processes import Broken

PACE = 0.0005     # seconds between two rounds of asking, so that the askers leave the CPU to who has work
SLOW_PACE = 0.01  # where it is CPU that is measured
PATIENCE = 120.0  # seconds until an edit must be in force


class Connection:
    """Asks, and reads whole answers. A gateway that closes it is an error."""

    def __init__(self, port, timeout=PATIENCE):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.local_port = self.socket.getsockname()[1]
        self.port = port

    def ask(self, host, path):
        """(status, body)"""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        got = b""
        while b"\r\n\r\n" not in got:
            got += self.receive()
        head, _, body = got.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        if not length:
            raise Broken(f"an answer without Content-Length: {head!r}")
        while len(body) < int(length[1]):
            body += self.receive()
        return int(head.split(b" ", 2)[1]), body

    def receive(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise Broken("the gateway closed a kept connection")
        return piece

    def close(self):
        self.socket.close()

    def inode(self):
        """Of the gateway's end."""
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            cells = line.split()
            if int(cells[1].split(":")[1], 16) == self.port and int(cells[2].split(":")[1], 16) == self.local_port:
                return cells[9]
        raise Broken("the gateway's end of a connection is not in /proc/net/tcp")


def worker_of(pid, connection):
    """The epoll descriptor that watches the gateway's end of the connection."""
    wanted = f"socket:[{connection.inode()}]"
    links = {}
    for path in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            links[path.name] = os.readlink(path)
        except OSError:
            continue
    ours = {name for name, link in links.items() if link == wanted}
    for name, link in links.items():
        if link == "anon_inode:[eventpoll]":
            watched = re.findall(r"^tfd: +(\d+)", pathlib.Path(f"/proc/{pid}/fdinfo/{name}").read_text(), re.MULTILINE)
            if ours & set(watched):
                return name
    raise Broken("no epoll descriptor of the gateway watches the connection")


def one_for_each_worker(pid, port, workers, host, path):
    """A connection for each worker. The kernel spreads them (SO_REUSEPORT), so some are opened in vain."""
    found, spare = {}, []
    for _ in range(64 * workers):
        connection = Connection(port)
        connection.ask(host, path)  # it was accepted, then
        if found.setdefault(worker_of(pid, connection), connection) is not connection:
            spare.append(connection)
        if len(found) == workers:
            break
    for connection in spare:
        connection.close()
    if len(found) != workers:
        raise Broken(f"connections reached {len(found)} of {workers} workers only")
    return list(found.values())


def until_all_say(connections, host, path, is_it, since, pace=PACE):
    """(seconds from `since` until the last worker answered as wanted, how often they were asked)."""
    waiting, asked = list(connections), 0
    while True:
        for connection in list(waiting):
            asked += 1
            if is_it(*connection.ask(host, path)):
                waiting.remove(connection)
        now = time.perf_counter()
        if not waiting:
            return now - since, asked
        if now - since > PATIENCE:
            raise Broken(f"{len(waiting)} workers do not answer {host}{path} as edited after {PATIENCE:.0f} s")
        time.sleep(pace)


def cost_of_asking(connections, host, path, child, times):
    """Nanoseconds of the gateway's CPU for one question that comes alone."""
    before = child.cpu_ns()
    for _ in range(times):
        for connection in connections:
            connection.ask(host, path)
        time.sleep(SLOW_PACE)
    return (child.cpu_ns() - before) / times / len(connections)
