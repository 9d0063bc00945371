# SPDX-License-Identifier: Apache-2.0
"""An origin that always gives the same answer, and clients that ask it the same again and again over kept connections."""
import selectors
import socket
import threading

from origins import request_size
from raw_client import DEADLINE
from recorder import listening


class SteadyOrigin:
    """Each answer goes out in one send; the bytes say how long it is and that the connection stays."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = listening(("127.0.0.1", 0), 4096)
        self.port = self.listener.getsockname()[1]
        self.wake_reader, self.wake = socket.socketpair()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ, None)
        self.selector.register(self.wake_reader, selectors.EVENT_READ, None)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.wake_reader:
                    return
                if key.fileobj is self.listener:
                    accepted, _ = self.listener.accept()
                    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.selector.register(accepted, selectors.EVENT_READ, bytearray())
                else:
                    self.read(key.fileobj, key.data)

    def read(self, connection, unread):
        try:
            more = connection.recv(65536)
        except ConnectionError:
            more = b""
        if not more:
            self.selector.unregister(connection)
            connection.close()
            return
        unread += more
        while (size := request_size(unread)) is not None:
            connection.sendall(self.answer)
            del unread[:size]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wake.send(b"x")
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()
        self.wake.close()


def answer_of(body, *fields):
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *fields]
    return "".join(line + "\r\n" for line in lines).encode() + b"\r\n" + body


class Clients:
    """So many kept connections; each round every one of them asks once, and all answers are awaited."""

    def __init__(self, address, count):
        self.sockets = []
        for _ in range(count):
            connected = socket.create_connection(address, DEADLINE)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.sockets.append(connected)

    def ask(self, request, body_bytes, rounds):
        for _ in range(rounds):
            for one in self.sockets:
                one.sendall(request)
            for one in self.sockets:
                read_answer(one, body_bytes)

    def ask_in_turn(self, request, body_bytes):
        """Each asks once, when the one before it has its answer."""
        for one in self.sockets:
            one.sendall(request)
            read_answer(one, body_bytes)

    def close(self):
        for one in self.sockets:
            one.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def read_answer(connected, body_bytes):
    got = connected.recv(65536)
    while (end := got.find(b"\r\n\r\n")) < 0 or len(got) < end + 4 + body_bytes:
        more = connected.recv(65536)
        assert more, f"the connection ended: {got[:500]!r}"
        got += more
    assert got.startswith(b"HTTP/1.1 200 ") and len(got) == end + 4 + body_bytes, got[:500]
