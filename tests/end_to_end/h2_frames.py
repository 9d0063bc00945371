# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 frames (RFC 9113) and header blocks that need no state (RFC 7541 6.2.2), as bytes: whatever is written here can be wrong
on purpose.
"""
import dataclasses
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
NAMES = ["DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION"]
END_STREAM, ACK, END_HEADERS, PADDED, WITH_PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS, INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = range(1, 7)
ENABLE_CONNECT_PROTOCOL = 8
(NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, SETTINGS_TIMEOUT, STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL,
 COMPRESSION_ERROR, CONNECT_ERROR, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY, HTTP_1_1_REQUIRED) = range(14)
FRAME_BYTES = 16384  # of a payload, until the other side's SETTINGS allow more


@dataclasses.dataclass(frozen=True)
class Frame:
    kind: int
    flags: int
    stream: int
    payload: bytes

    def has(self, flag):
        return bool(self.flags & flag)

    def __str__(self):
        name = NAMES[self.kind] if self.kind < len(NAMES) else f"kind {self.kind}"
        return f"{name} stream {self.stream} flags {self.flags:#x} {self.payload[:40].hex()}"


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    """`length`: what the header says, where it shall not be the truth."""
    said = len(payload) if length is None else length
    return struct.pack(">I", said)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def settings(*pairs):
    return frame(SETTINGS, payload=b"".join(struct.pack(">HI", *pair) for pair in pairs))


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, stream=stream, payload=struct.pack(">I", increment))


def reset(stream, code=CANCEL):
    return frame(RST_STREAM, stream=stream, payload=struct.pack(">I", code))


def ping(opaque=b"8 bytes.", flags=0):
    return frame(PING, flags, payload=opaque)


def goaway(last=0, code=NO_ERROR, text=b""):
    return frame(GOAWAY, payload=struct.pack(">II", last, code) + text)


def integer(value, bits, first=0):
    """RFC 7541 5.1"""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = bytearray([first | most]), value - most
    while value >= 128:
        out.append(128 | value % 128)
        value //= 128
    return bytes(out + bytes([value]))


def octets(text):
    return text if isinstance(text, bytes) else text.encode("latin-1")


def literal(name, value, first=0x00):
    """A field that no table takes up; with first=0x40 the dynamic table does."""
    name, value = octets(name), octets(value)
    return bytes([first]) + integer(len(name), 7) + name + integer(len(value), 7) + value


def block(fields, first=0x00):
    return b"".join(literal(name, value, first) for name, value in fields)


def indexed(number):
    return integer(number, 7, 0x80)


def headers(stream, fields, flags=END_STREAM | END_HEADERS):
    """A HEADERS frame, and CONTINUATION frames when the block is longer than one frame; `fields` may be a finished block."""
    whole = fields if isinstance(fields, bytes) else block(fields)
    pieces = [whole[at:at + FRAME_BYTES] for at in range(0, len(whole), FRAME_BYTES)] or [b""]
    if len(pieces) == 1:
        return frame(HEADERS, flags, stream, pieces[0])
    out = frame(HEADERS, flags & ~END_HEADERS, stream, pieces[0])
    for piece in pieces[1:-1]:
        out += frame(CONTINUATION, 0, stream, piece)
    return out + frame(CONTINUATION, flags & END_HEADERS, stream, pieces[-1])


def request_fields(method, host, path="/", *fields, scheme="http"):
    """`fields` are (name, value) pairs."""
    return [(":method", method), (":scheme", scheme), (":authority", host), (":path", path), *fields]
