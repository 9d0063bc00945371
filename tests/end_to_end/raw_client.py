# SPDX-License-Identifier: Apache-2.0
"""Bytes on a socket, and a strict HTTP/1.1 reading of them that shares nothing with the program under test.

Every wait blocks on the socket and ends with an AssertionError at DEADLINE.
"""
import os
import re
import socket
import struct

DEADLINE = float(os.environ.get("DEADLINE", "20"))
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
STATUS_LINE = re.compile(rb"(HTTP/1\.[01]) ([1-5]\d\d) ([\t\x20-\x7e\x80-\xff]*)")
REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) (HTTP/1\.[01])")


class Ended(AssertionError):
    """The other side ended before what was waited for was complete."""


class Message:
    """A head, and after reading it a body: `raw` is every byte of both."""

    def __init__(self, start, fields, raw):
        self.start, self.fields, self.raw = start, fields, raw
        self.body, self.trailers, self.chunks = b"", [], []

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name):
        """The value of the one field of this name; None without it."""
        values = self.all(name)
        assert len(values) < 2, f"{name} comes {len(values)} times: {self.raw!r}"
        return values[0] if values else None

    @property
    def names(self):
        return [name for name, _ in self.fields]


class Response(Message):
    @property
    def version(self):
        return self.start[0]

    @property
    def status(self):
        return int(self.start[1])

    @property
    def closes(self):
        return (self.get("Connection") or "").lower() == "close"


class Request(Message):
    @property
    def method(self):
        return self.start[0]

    @property
    def target(self):
        return self.start[1]


def parse_fields(lines):
    fields = []
    for line in lines:
        name, colon, value = line.partition(b":")
        assert colon and TOKEN.fullmatch(name), f"no field line: {line!r}"
        value = value.strip(b" \t")
        assert VALUE.fullmatch(value), f"a control character in a field: {line!r}"
        fields.append((name.decode("latin-1"), value.decode("latin-1")))
    return fields


class Stream:
    """A connected socket with what was read from it and not yet used."""

    def __init__(self, connected):
        self.socket = connected
        self.socket.settimeout(DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread = b""
        self.was_reset = False

    def send(self, data):
        self.socket.sendall(data)

    def fill(self):
        """False at the end of the stream, clean or not."""
        try:
            more = self.socket.recv(65536)
        except ConnectionError:
            self.was_reset = True
            return False
        except TimeoutError:
            raise AssertionError(f"nothing more came; unread: {self.unread[:2000]!r}") from None
        self.unread += more
        return bool(more)

    def take(self, size):
        while len(self.unread) < size:
            if not self.fill():
                raise Ended(f"the stream ended {size - len(self.unread)} bytes too early: {self.unread[:2000]!r}")
        data, self.unread = self.unread[:size], self.unread[size:]
        return data

    def take_until(self, mark):
        while mark not in self.unread:
            if not self.fill():
                raise Ended(f"the stream ended before {mark!r}: {self.unread[:2000]!r}")
        return self.take(self.unread.index(mark) + len(mark))

    def take_to_end(self):
        while self.fill():
            pass
        return self.take(len(self.unread))

    def expect_end(self):
        """The other side has closed, and nothing was left unsaid."""
        rest = self.take_to_end()
        assert rest == b"", f"more came before the end: {rest[:2000]!r}"

    def expect_clean_end(self):
        self.expect_end()
        assert not self.was_reset

    def take_head(self):
        raw = self.take_until(b"\r\n\r\n")
        assert raw.replace(b"\r\n", b"").find(b"\n") < 0 and raw.replace(b"\r\n", b"").find(b"\r") < 0, f"bare CR or LF: {raw!r}"
        return raw, raw[:-4].split(b"\r\n")

    def take_chunked(self, message):
        while True:
            line = self.take_until(b"\r\n")
            message.raw += line
            assert re.fullmatch(rb"[0-9a-fA-F]{1,16}\r\n", line), f"no chunk size: {line!r}"
            size = int(line, 16)
            if size == 0:
                break
            data = self.take(size + 2)
            message.raw += data
            assert data.endswith(b"\r\n"), f"a chunk without its end: {data[-20:]!r}"
            message.body += data[:-2]
            message.chunks.append(data[:-2])
        lines = []
        while True:
            line = self.take_until(b"\r\n")
            message.raw += line
            if line == b"\r\n":
                break
            lines.append(line[:-2])
        message.trailers = parse_fields(lines)

    def take_body(self, message, until_end):
        length, coding = message.get("Content-Length"), message.get("Transfer-Encoding")
        assert length is None or coding is None, f"two framings: {message.raw!r}"
        if coding is not None:
            assert coding == "chunked", coding
            self.take_chunked(message)
        elif length is not None:
            assert re.fullmatch(r"0|[1-9]\d*", length), length
            message.body = self.take(int(length))
            message.raw += message.body
        elif until_end:
            message.body = self.take_to_end()
            message.raw += message.body

    def close(self):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def shutdown_write(self):
        self.socket.shutdown(socket.SHUT_WR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def connect(address, receive_buffer=None, source=None):
    connected = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    if receive_buffer:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connected.settimeout(DEADLINE)
    if source:
        connected.bind((source, 0))
    connected.connect(address)
    return connected


class Client(Stream):
    """`tls` wraps the connected socket: a function that gives the wrapped one."""

    def __init__(self, address, receive_buffer=None, source=None, tls=None):
        connected = connect(address, receive_buffer, source)
        super().__init__(tls(connected) if tls else connected)

    def read_response_head(self):
        raw, lines = self.take_head()
        start = STATUS_LINE.fullmatch(lines[0])
        assert start, f"no status line: {lines[0]!r}"
        return Response([part.decode("latin-1") for part in start.groups()], parse_fields(lines[1:]), raw)

    def read_response(self, method="GET"):
        """The next response, interim ones included, as its head frames it."""
        response = self.read_response_head()
        if response.status < 200:
            assert not response.all("Content-Length") and not response.all("Transfer-Encoding"), response.raw
        elif method != "HEAD" and response.status not in (204, 304):
            self.take_body(response, until_end=True)
        return response

    def ask(self, data, method="GET"):
        self.send(data)
        return self.read_response(method)

    def get(self, host, path="/", *fields):
        return self.ask(request("GET", host, path, *fields))


def request(method, host, path="/", *fields, body=b""):
    """The bytes of a request; `fields` are whole lines without their end."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *fields]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "".join(line + "\r\n" for line in lines).encode("latin-1") + b"\r\n" + body


def once(address, data, method="GET"):
    """One exchange on a connection of its own."""
    with Client(address) as client:
        return client.ask(data, method)
