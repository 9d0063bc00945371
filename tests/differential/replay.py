# SPDX-License-Identifier: Apache-2.0
"""What the gateway sent on, given to the judges once more, byte by byte, and what each of them saw."""
import hashlib
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import oracles
from judges import HOST
from oracles import Seen
from raw_client import DEADLINE
from refusals import is_alone, is_given, may_refuse
from world import REQUEST_ID

MARKER = b"GET /marker HTTP/1.1\r\nHost: marker.test\r\n\r\n"
ANSWER = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[^\r]*\r\n")
X_SEEN = re.compile(rb"\r\nX-Seen: (\S+) (\S+) (\S*) ([0-9a-f]{40}|-?)", re.IGNORECASE)
LENGTH = re.compile(rb"\r\nContent-Length: ([0-9]+)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nConnection: close\r\n", re.IGNORECASE)
CUT = re.compile(rb"(\S+) (\S+) HTTP/1\.1\r\n")
BATCH = 24  # requests that are on their way to a judge at once
NOTHING = hashlib.sha1(b"").hexdigest()
MARKED = Seen(b"GET", b"/marker", b"marker.test", NOTHING)
# They answer a request only once they have read nothing behind it: given all at once they would take that for its body.
ONE_AT_A_TIME = {"puma"}
# It writes every method in capitals.
CAPITALS = {"gunicorn"}


def target(text):
    """An empty query is none: some judges do not tell them apart."""
    return text[:-1] if text.endswith(b"?") else text


def seen_in(request):
    return Seen(request.method, target(request.target), request.host or b"-", hashlib.sha1(request.body).hexdigest())


@dataclass
class Emission:
    """The bytes of one part, whole requests and perhaps a cut one."""

    data: bytes
    requests: list
    expected: list
    cut: Seen = None

    @classmethod
    def of(cls, part):
        cut = None
        if part.rest and (start := CUT.match(part.rest)):
            cut = Seen(start[1], target(start[2]), b"", "")
        return cls(part.data, part.requests, [seen_in(request) for request in part.requests], cut)

    @property
    def whole(self):
        return sum(len(request.raw) for request in self.requests) == len(self.data)


def distinct(parts):
    """The emissions of these parts, one of each kind: request ids do not count."""
    kinds = {}
    for part in parts:
        if not part.fault:
            kinds.setdefault(REQUEST_ID.sub(b"\r\nX-Request-Id: \r\n", part.data), part)
    return [Emission.of(part) for part in kinds.values()]


class Connection:
    def __init__(self, port):
        self.port = port
        self.open()

    def open(self):
        self.socket = socket.create_connection((HOST, self.port), DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unread, self.ends = b"", False  # ends: the judge said that it closes

    def reopen(self):
        self.socket.close()
        self.open()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except ConnectionError:
            pass

    def end(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def fill(self):
        try:
            more = self.socket.recv(262144)
        except (ConnectionError, TimeoutError):
            more = b""
        self.unread += more
        return bool(more)

    def answer(self, is_head=False):
        """(status, Seen or None), or None at the end of the connection."""
        while True:
            end = self.unread.find(b"\r\n\r\n")
            if end < 0:
                if not self.fill():
                    return None
                continue
            head = self.unread[:end + 4]
            self.ends = bool(CLOSE.search(head))
            status = int(ANSWER.match(head)[1])
            length = LENGTH.search(head)
            size = int(length[1]) if length and not is_head and status >= 200 else 0
            while len(self.unread) < end + 4 + size:
                if not self.fill():
                    break
            self.unread = self.unread[end + 4 + size:]
            if status >= 200:
                said = X_SEEN.search(head)
                return status, Seen(said[1], target(said[2]), said[3] or b"-", said[4].decode() or NOTHING) if said else None

    def close(self):
        self.socket.close()


class Judge:
    """Replays emissions to one judge. `understood` counts the requests that it saw as they were meant."""

    def __init__(self, name, port):
        self.name, self.port = name, port
        self.understood, self.refused, self.left_out = 0, 0, 0
        self.connection = None

    def judge(self, emissions):
        found, batch, size = [], [], 0
        for emission in emissions:
            if not all(is_given(self.name, request) for request in emission.requests):
                self.left_out += 1
            elif not emission.whole or any(self.is_special(request) for request in emission.requests):
                found += self.alone(emission)
            else:
                batch.append(emission)
                size += len(emission.requests)
                if size >= BATCH:
                    found += self.together(batch)
                    batch, size = [], 0
        if batch:
            found += self.together(batch)
        if self.connection:
            self.connection.close()
        return found

    def is_special(self, request):
        return is_alone(self.name, request) or may_refuse(self.name, request)

    def together(self, batch):
        """All on one kept connection; where that goes wrong, each on its own to see which."""
        if self.connection is None:
            self.connection = Connection(self.port)
        expected = [seen for emission in batch for seen in self.expected(emission)]
        if self.name in ONE_AT_A_TIME:
            requests = [request for emission in batch for request in emission.requests]
            good = all(self.is_seen(request.raw, seen) for request, seen in zip(requests, expected, strict=True))
        else:
            self.connection.send(b"".join(emission.data for emission in batch))
            good = all(self.is_seen(b"", seen) for seen in expected)
        if good and self.is_seen(MARKER, MARKED) and not self.connection.unread:
            self.understood += len(expected)
            return []
        self.connection.close()
        self.connection = None
        found = [sentence for emission in batch for sentence in self.alone(emission)]
        return found or [f"(a) {self.name} saw these differently on one connection: {[emission.data for emission in batch]}"]

    def reach_a_later_turn(self):
        """Some judges drop what they have read when the end comes with it; an answer elsewhere shows that they have seen it."""
        other = Connection(self.port)
        other.send(MARKER)
        other.answer()
        other.close()

    def expected(self, emission):
        return [self.as_written(seen) for seen in emission.expected]

    def as_written(self, seen):
        return replace(seen, method=seen.method.upper()) if seen and self.name in CAPITALS else seen

    def is_seen(self, data, seen):
        if data:
            self.connection.send(data)
        return self.connection.answer(seen.method == b"HEAD") == (200, seen)

    def alone(self, emission):
        """Request by request, as the gateway sent them."""
        connection = Connection(self.port)
        try:
            seen, refusal = self.step_by_step(connection, emission)
        finally:
            connection.close()
        expected, cut = self.expected(emission), self.as_written(emission.cut)
        if refusal and len(seen) < len(expected) and may_refuse(self.name, emission.requests[len(seen)]):
            self.refused += 1
            expected, cut = expected[:len(seen)], None
        found = oracles.judges_agree(expected, cut, self.name, seen)
        if not found:
            self.understood += len(seen)
        return [f"{sentence}; it said {refusal}; emitted: {emission.data!r}" for sentence in found]

    def step_by_step(self, connection, emission):
        """(what the judge saw, what it said instead when it refused). One that ends its connection gets another."""
        seen = []
        for request, expected in zip(emission.requests, emission.expected, strict=True):
            if connection.ends:
                connection.reopen()
            connection.send(request.raw)
            answer = connection.answer(expected.method == b"HEAD")
            if answer is None or answer[1] is None:
                return seen, str(answer)
            seen.append(answer[1])
        if connection.ends:
            connection.reopen()
        if emission.whole:
            connection.send(MARKER)
        else:
            connection.send(emission.data[sum(len(request.raw) for request in emission.requests):])
            self.reach_a_later_turn()
            connection.end()
        while len(seen) < len(emission.requests) + 2 and (answer := connection.answer()) and answer[1] and answer[1] != MARKED:
            seen.append(answer[1])
        return seen, ""


def before_all(ports, emissions, shares=None):
    """(discrepancies, the judges with their counts), several judges at a time. `shares`: who sees only every n-th emission."""
    judges = [Judge(name, port) for name, port in ports.items()]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda judge: judge.judge(emissions[::(shares or {}).get(judge.name, 1)]), judges))
    return [sentence for each in found for sentence in each], judges
