# SPDX-License-Identifier: Apache-2.0
"""A client and the recorder behind the gateway, both played by one thread, so that what belongs together is never a guess.

The recorder keeps the exact bytes of each of the gateway's connections, cuts them into requests with the validator, and answers
each with a number of its own in X-Answer.
"""
import select
import socket
from dataclasses import dataclass, field

from raw_client import DEADLINE
from recorder import listening
from validator import Fault, take_request, take_response

CANARY_TARGET = b"/canary"
CANARY = b"GET /canary HTTP/1.1\r\nHost: canary.test\r\n\r\n"


@dataclass
class Part:
    """What the gateway sent during one payload on one of its connections."""

    connection: int
    requests: list = field(default_factory=list)
    rest: bytes = b""  # the beginning of a request that never became whole
    fault: str = ""

    @property
    def data(self):
        return b"".join(request.raw for request in self.requests) + self.rest


@dataclass
class Observation:
    """What one payload led to. `end` is how the client's connection stands: "open", "closed" or "reset"."""

    payload: bytes
    finished: bool  # the client ended its sending half
    arrived: list = field(default_factory=list)  # (number, request) as they became whole, all connections together
    parts: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    end: str = "open"
    fault: str = ""  # of the bytes that the client got
    fresh: "Observation" = None  # of the canary on a fresh connection


class Upstream:
    """One connection of the gateway."""

    def __init__(self, number, connected):
        self.number, self.socket = number, connected
        self.unread, self.part, self.broken = b"", None, False


def take_answer(data, method, ended):
    """As take_response(). A refusal of what is no request (method None), or of a HEAD too long to be read as one, has its body or
    none: nobody knows what was asked. It ends the connection.
    """
    if method not in (None, b"HEAD"):
        return take_response(data, method, ended)
    head = take_response(data, b"HEAD", ended)
    if head is None or head[0].all(b"x-answer"):
        return head
    if not head[0].closes:
        return head if method else take_response(data, b"GET", ended)
    if not ended:
        return None
    return head if len(data) == head[1] else take_response(data, b"GET", ended)


class Stage:
    def __init__(self, address=("127.0.0.1", 0)):
        self.listener = listening(address)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.poll = select.epoll()
        self.poll.register(self.listener, select.EPOLLIN)
        self.upstreams, self.opened, self.answered = {}, 0, 0
        self.now = None  # the observation that what arrives belongs to
        self.gateway = None
        self.reply = None  # gives other bytes than the usual answer, and whether to close; see answer_with()

    def answer_with(self, reply):
        """reply(request) gives (bytes, whether the connection ends behind them), or None for the usual answer."""
        self.reply = reply

    # The recorder

    def accept(self):
        while True:
            try:
                connected, _ = self.listener.accept()
            except BlockingIOError:
                return
            connected.setblocking(False)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.opened += 1
            self.upstreams[connected.fileno()] = Upstream(self.opened, connected)
            self.poll.register(connected, select.EPOLLIN)

    def drop(self, upstream):
        self.poll.unregister(upstream.socket)
        del self.upstreams[upstream.socket.fileno()]
        upstream.socket.close()

    def read(self, upstream):
        try:
            more = upstream.socket.recv(262144)
        except BlockingIOError:
            return
        except ConnectionError:
            more = b""
        if not more:
            self.drop(upstream)
            return
        if upstream.part is None:
            upstream.part = self.part_of(upstream)
        part = upstream.part
        part.rest += more
        while part.rest and not part.fault:
            try:
                taken = take_request(part.rest)
            except Fault as fault:
                part.fault = str(fault)
                self.drop(upstream)
                return
            if taken is None:
                return
            request, size = taken
            part.requests.append(request)
            part.rest = part.rest[size:]
            if not self.answer(upstream, request):
                return
        upstream.part = None

    def part_of(self, upstream):
        for part in self.now.parts:
            if part.connection == upstream.number:
                return part
        self.now.parts.append(Part(upstream.number))
        return self.now.parts[-1]

    def answer(self, upstream, request):
        """False when the connection is gone."""
        self.answered += 1
        self.now.arrived.append((self.answered, request))
        chosen = self.reply(request) if self.reply else None
        if chosen is None:
            body = b"" if request.method == b"HEAD" else b"answer %d" % self.answered
            chosen = b"HTTP/1.1 200 OK\r\nX-Answer: %d\r\nContent-Length: %d\r\n\r\n%s" % (self.answered, len(body), body), False
        try:
            upstream.socket.send(chosen[0])
        except ConnectionError:
            pass
        if chosen[1]:
            self.drop(upstream)
        return not chosen[1]

    def sweep(self, wait=0.0):
        """Serves what is ready, and tells whether `self.client` is."""
        client_ready, any_ready = False, False
        for number, _ in self.poll.poll(wait):
            any_ready = True
            if number == self.listener.fileno():
                self.accept()
            elif number in self.upstreams:
                self.read(self.upstreams[number])
            else:
                client_ready = True
        return client_ready, any_ready

    # The client

    def observe(self, payload, methods, cuts=(), finish=False, canary=True, at_most=None):
        """Sends the payload in pieces and reads the answers until the canary's, or until the gateway ends the connection.

        `methods` are those of the requests in it, as far as it can be read; `at_most` answers are waited for.
        """
        seen = Observation(payload, finish)
        self.now = seen
        with socket.socket() as client:
            client.settimeout(DEADLINE)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.connect(self.gateway)
            self.poll.register(client, select.EPOLLIN)
            try:
                self.send(client, payload, cuts)
                if finish:
                    client.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass
            client.setblocking(False)
            self.read_answers(client, seen, methods, canary, at_most)
            self.poll.unregister(client)
        return seen

    def send(self, client, payload, cuts):
        at = 0
        for cut in (*cuts, len(payload)):
            client.sendall(payload[at:cut])
            at = cut
            while self.sweep()[1] and cut < len(payload):
                break

    def read_answers(self, client, seen, methods, canary, at_most):
        unread, ended = b"", False
        while True:
            unread = self.take_answers(seen, unread, ended, methods)
            if ended:
                if unread and not seen.fault:
                    seen.fault = f"the answers end within one: {unread[:300]!r}"
                return
            if seen.fault or (canary and self.canary_is_answered(seen)) or len(seen.answers) == at_most:
                return
            ready, any_ready = self.sweep(DEADLINE)
            if not any_ready:
                seen.fault = f"nothing more came; unread: {unread[:300]!r}"
                return
            if not ready:
                continue
            try:
                more = client.recv(262144)
                seen.end = "open" if more else "closed"
            except ConnectionError:
                more, seen.end = b"", "reset"
            unread, ended = unread + more, not more

    def take_answers(self, seen, unread, ended, methods):
        while unread and not seen.fault:
            number = sum(1 for answer in seen.answers if answer.status >= 200)
            method = methods[number] if number < len(methods) else b"GET"
            try:
                taken = take_answer(unread, method, ended)
            except Fault as fault:
                seen.fault = f"{fault}: {unread[:300]!r}"
                break
            if taken is None:
                break
            seen.answers.append(taken[0])
            unread = unread[taken[1]:]
        return unread

    def canary_is_answered(self, seen):
        if not seen.answers or seen.answers[-1].closes or not seen.arrived or seen.arrived[-1][1].target != CANARY_TARGET:
            return False
        return seen.answers[-1].all(b"x-answer") == [b"%d" % seen.arrived[-1][0]]

    def play(self, payload, methods, **more):
        """An observation, with its fresh canary: when that is answered, all bytes of the payload have arrived here."""
        seen = self.observe(payload, methods, **more)
        reply, self.reply = self.reply, None
        seen.fresh = self.observe(CANARY, [b"GET"], at_most=1)
        while self.sweep()[1]:
            pass
        self.reply = reply
        return seen

    def close(self):
        for upstream in list(self.upstreams.values()):
            self.drop(upstream)
        self.listener.close()
        self.poll.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
