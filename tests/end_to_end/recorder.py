# SPDX-License-Identifier: Apache-2.0
"""An origin that a test plays by hand: it accepts a connection, sees its exact bytes, and answers whatever it likes."""
import select
import socket

from raw_client import DEADLINE, REQUEST_LINE, Ended, Request, Stream, parse_fields


def listening(address, backlog=128):
    listener = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    listener.listen(backlog)
    listener.settimeout(DEADLINE)
    return listener


class Connection(Stream):
    def read_request_head(self):
        raw, lines = self.take_head()
        start = REQUEST_LINE.fullmatch(lines[0])
        assert start, f"no request line: {lines[0]!r}"
        return Request([part.decode("latin-1") for part in start.groups()], parse_fields(lines[1:]), raw)

    def read_request(self):
        request = self.read_request_head()
        self.take_body(request, until_end=False)
        return request

    def answer(self, status=200, body=b"", *fields, close=False):
        lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", *fields]
        if close:
            lines.append("Connection: close")
        self.send("".join(line + "\r\n" for line in lines).encode("latin-1") + b"\r\n" + body)


class Recorder:
    def __init__(self, address=("127.0.0.1", 0), backlog=128):
        self.listener = listening(address, backlog)
        self.address = self.listener.getsockname()[:2]
        self.port = self.address[1]
        self.connections = []

    def accept(self):
        try:
            accepted, _ = self.listener.accept()
        except TimeoutError:
            raise AssertionError("no connection of the gateway came") from None
        connection = self.wrapped(accepted)
        self.connections.append(connection)
        return connection

    def wrapped(self, accepted):
        return Connection(accepted)

    def request(self):
        """(connection, request) of the next connection."""
        connection = self.accept()
        return connection, connection.read_request()

    def serve(self, status=200, body=b"", *fields, close=True):
        """Answers the next connection's one request, and gives the request."""
        connection, request = self.request()
        connection.answer(status, body, *fields, close=close)
        return request

    def has_connection(self):
        """Whether one waits to be accepted right now."""
        return bool(select.select([self.listener], [], [], 0)[0])

    def close(self):
        self.listener.close()
        for connection in self.connections:
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


__all__ = ["Connection", "Ended", "Recorder", "listening"]
