# SPDX-License-Identifier: Apache-2.0
"""Plays cases of websocket_cases.py over a stream of bytes, and tells what came back. The stream may be a connection of HTTP/1.1 or
a stream of HTTP/2: whatever sends and gives bytes.
"""
import struct
import threading

from raw_client import Client, request
from test_h1_forwarding import ACCEPT, UPGRADE
from websocket_cases import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close


class Http1:
    """A connection that has switched."""

    def __init__(self, address, host, path="/", *fields, tls=None):
        self.client = Client(address, tls=tls)
        self.client.send(request("GET", host, path, *UPGRADE, *fields))
        self.response = self.client.read_response_head()
        assert (self.response.status, self.response.get("Sec-WebSocket-Accept")) == (101, ACCEPT), self.response.raw
        self.send, self.take, self.shutdown_write = self.client.send, self.client.take, self.client.shutdown_write

    def more(self):
        """Bytes as they come; empty at the end, whatever it is like."""
        if not self.client.unread and not self.client.fill():
            return b""
        unread, self.client.unread = self.client.unread, b""
        return unread

    def close(self):
        self.client.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def send_all(stream, case):
    """Beside the reader: neither side holds everything."""
    try:
        step = case.chop or len(case.sent)
        for at in range(0, len(case.sent), step):
            stream.send(case.sent[at:at + step])
    except OSError:
        pass  # the peer has failed the connection; what it said is read all the same


class Frames:
    """The frames of a stream, read strictly: (opcode, whether it is the last of its message, payload)."""

    def __init__(self, stream):
        self.stream, self.unread = stream, bytearray()

    def take(self, size):
        while len(self.unread) < size:
            more = self.stream.more()
            if not more:
                return None
            self.unread += more
        data = bytes(self.unread[:size])
        del self.unread[:size]
        return data

    def next(self):
        """None at the end of the stream."""
        head = self.take(2)
        if head is None:
            assert not self.unread, f"it ended within a frame: {bytes(self.unread[:100])!r}"
            return None
        assert head[0] & 0x70 == 0 and head[1] & 0x80 == 0, f"reserved bits, or a masked frame of a server: {head!r}"
        size = head[1]
        if size > 125:
            length = self.take(2 if size == 126 else 8)
            size = struct.unpack(">H" if size == 126 else ">Q", length)[0]
        return head[0] & 15, head[0] >> 7, self.take(size)


def play(stream, case):
    """(events, code of the close or None) of a case."""
    sender = threading.Thread(target=send_all, args=(stream, case))
    sender.start()
    frames, events, opcode, pieces, code = Frames(stream), [], None, [], None
    closes = case.closes
    while True:
        if closes and len(events) == len(case.events):
            sender.join()
            stream.send(close())
            closes = False
        got = frames.next()
        if got is None:
            break
        kind, last, payload = got
        assert payload is not None, "it ended within a frame"
        if kind == CLOSE:
            code = struct.unpack(">H", payload[:2])[0] if payload else 1005
            break
        if kind in (PING, PONG):
            events.append(("pong" if kind == PONG else "ping", payload))
            continue
        assert (kind == CONTINUATION) == (opcode is not None), f"opcode {kind} in a message of {opcode}"
        assert kind in (CONTINUATION, TEXT, BINARY), kind
        opcode = opcode or kind
        pieces.append(payload)
        if last:
            events.append(("message", opcode, b"".join(pieces)))
            opcode, pieces = None, []
    stream.close()
    sender.join()
    return events, code


def check(case, events, code):
    """What the table says of it."""
    said = f"{case}: {[event[:-1] + (event[-1][:40],) for event in events[:12]]}, close {code}"
    if case.fails:
        assert events == case.events[:len(events)], said
    else:
        assert events == case.events, said
    assert code in case.codes or (code == 1005 and None in case.codes), said
