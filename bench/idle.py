# SPDX-License-Identifier: Apache-2.0
"""What an idle kept connection costs in memory outside the kernel."""
import contextlib
import socket

from candidates import ANSWER, HOST
from processes import Broken

REQUEST = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def ask(connection):
    """One request and all of its answer."""
    connection.sendall(REQUEST)
    answer = b""
    while not answer.endswith(ANSWER.encode()):
        piece = connection.recv(4096)
        if not piece:
            raise Broken(f"the connection ended in the middle of an answer: {answer!r}")
        answer += piece


def bytes_per_connection(child, connections):
    """How much the child grows by each connection that has made one request and is then kept open.

    One after the other, so that one connection to the origin serves them all and only the clients' side grows.
    """
    with contextlib.ExitStack() as opened:

        def connect():
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", child.port), timeout=10))
            ask(connection)

        for _ in range(10):  # whatever is made once, at the first requests
            connect()
        before = child.resident()
        for _ in range(connections):
            connect()
        return (child.resident() - before) / connections
