# SPDX-License-Identifier: Apache-2.0
"""Two origins, one of HTTP/1.1 and one of HTTP/2 with prior knowledge, that answer by themselves and note all that comes.

What they noted is complete once the gateway has ended: then every connection has ended, and close() has waited for the threads.
"""
import dataclasses
import socket
import threading

from h2_wire import H2Connection
from raw_client import Ended
from recorder import Connection, listening

BODY = b"noted"


@dataclasses.dataclass
class Arrival:
    """One request. Names of fields are in lower case, Host is the authority; `whole` says that its end came."""
    method: str
    target: str
    authority: str
    fields: list
    body: bytes = b""
    trailers: list = dataclasses.field(default_factory=list)
    whole: bool = False

    def get(self, name):
        return next((value for key, value in self.fields if key == name), None)


def lower(fields):
    return [(name.lower(), value) for name, value in fields]


class NotingOrigin:
    def __init__(self):
        self.listener = listening(("127.0.0.1", 0), 1024)
        self.listener.settimeout(None)
        self.port = self.listener.getsockname()[1]
        self.arrivals, self.faults, self.raw = [], [], []
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def accept(self):
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self.serve, args=(accepted,), daemon=True))
            self.threads[-1].start()

    def serve(self, accepted):
        noted = bytearray()
        self.raw.append(noted)
        try:
            self.converse(accepted, noted)
        except Ended:
            pass
        except (AssertionError, OSError) as fault:
            self.faults.append(f"{fault!r} after {bytes(noted)!r}")
        accepted.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def noting(kind, noted):
    """A kind of Stream that keeps every byte which it reads, and waits for them as long as the gateway is there."""
    class Noting(kind):
        def fill(self):
            self.socket.settimeout(None)
            before = len(self.unread)
            alive = super().fill()
            noted.extend(self.unread[before:])
            return alive

    return Noting


class H1Origin(NotingOrigin):
    def converse(self, accepted, noted):
        connection = noting(Connection, noted)(accepted)
        while True:
            head = connection.read_request_head()
            fields = lower(head.fields)
            arrival = Arrival(head.method, head.target, head.get("Host"), [one for one in fields if one[0] != "host"])
            self.arrivals.append(arrival)
            connection.take_body(head, until_end=False)
            arrival.body, arrival.trailers, arrival.whole = head.body, lower(head.trailers), True
            connection.answer(200, b"" if head.method == "HEAD" else BODY, "Content-Type: text/plain")


class H2Origin(NotingOrigin):
    def converse(self, accepted, noted):
        connection = noting(H2Connection, noted)(accepted)
        try:
            while True:
                one = connection.read_request()
                self.arrivals.append(self.arrival(one))
                if one.ended:
                    head = () if one.pseudo("method") == "HEAD" else (("content-length", str(len(BODY))),)
                    body = b"" if one.pseudo("method") == "HEAD" else BODY
                    connection.respond(one.stream, 200, body, ("content-type", "text/plain"), *head)
        finally:
            for stream, one in connection.streams.items():
                if stream not in connection.read_streams and one.head is not None:
                    self.arrivals.append(self.arrival(one))

    @staticmethod
    def arrival(one):
        return Arrival(one.pseudo("method"), one.pseudo("path"), one.pseudo("authority"), one.fields, one.body, one.trailers, one.ended)
