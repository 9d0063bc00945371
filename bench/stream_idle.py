# SPDX-License-Identifier: Apache-2.0
"""What an idle connection with TLS costs in memory outside the kernel, when it has had one request."""
import contextlib
import socket
import time

import figures
from candidates import HOST
from idle import END, REQUEST, held
from processes import Broken
from streams import client_context

CONNECTIONS = 2_000
SMOKE = 50
REST = 6  # seconds, after which a connection counts as idle: some gateways give more back then
BARS = {"HTTP/1.1": (14.5, 10), "HTTP/2": (20, 14)}  # KiB: bar, aim

# RFC 9113, frame by frame: the preface, SETTINGS of nothing, and a request whose fields are in no table but the static one.
SETTINGS, HEADERS, END_STREAM, ACK = 4, 1, 1, 1


def frame(kind, flags, stream, body=b""):
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body


FIELDS = bytes([0x82, 0x87, 0x84, 0x01, len(HOST)]) + HOST.encode()  # GET, https, /, and the authority as it is
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0)
ASK = {"HTTP/1.1": REQUEST, "HTTP/2": PREFACE + frame(HEADERS, 4 | END_STREAM, 1, FIELDS)}
AGAIN = {"HTTP/1.1": REQUEST, "HTTP/2": frame(HEADERS, 4 | END_STREAM, 3, FIELDS)}


class Client:
    def __init__(self, port, protocol):
        plain = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.protocol = protocol
        self.connection = client_context("h2" if protocol == "HTTP/2" else "http/1.1").wrap_socket(plain, server_hostname=HOST)
        self.ask(ASK[protocol])
        if protocol == "HTTP/2":
            self.connection.sendall(frame(SETTINGS, ACK, 0))

    def close(self):
        self.connection.close()

    def read(self, size):
        bytes_ = b""
        while len(bytes_) < size:
            piece = self.connection.recv(size - len(bytes_))
            if not piece:
                raise Broken("the connection ended in the middle of an answer")
            bytes_ += piece
        return bytes_

    def ask(self, request):
        """One request and all of its answer."""
        self.connection.sendall(request)
        if self.protocol == "HTTP/1.1":
            answer = b""
            while not answer.endswith(END):
                answer += self.read(1)
            return
        while True:
            head = self.read(9)
            self.read(int.from_bytes(head[:3], "big"))
            if head[3] in (0, HEADERS) and head[4] & END_STREAM:
                return


def growth(child, prefix, protocol, connections):
    """Bytes held, each connection; one after the other, so that only the clients' side grows."""
    with contextlib.ExitStack() as opened:

        def connect():
            client = Client(child.port, protocol)
            opened.callback(client.close)
            return client

        first = [connect() for _ in range(10)]
        time.sleep(REST)
        first[0].ask(AGAIN[protocol])
        before = sum(held(child, prefix))
        for _ in range(connections):
            connect()
        time.sleep(REST)
        first[1].ask(AGAIN[protocol])
        return (sum(held(child, prefix)) - before) / connections


def measure(stand, names, smoke):
    """{protocol: {candidate: bytes held, each connection}}"""
    connections = SMOKE if smoke else CONNECTIONS
    print(f"\nbytes of each of {connections} idle connections with TLS, outside the kernel, fresh processes\n")
    found = {protocol: {} for protocol in ASK}
    for name in names:
        for protocol, of in found.items():
            prefix = stand.folder / f"held-{name}-{protocol.replace('/', '')}"
            child = stand.fresh(name, {"LD_PRELOAD": f"{stand.programs['held_bytes']}:libstdc++.so.6", "HELD_BYTES": str(prefix)})
            of[name] = growth(child, prefix, protocol, connections)
            child.end()
    print("\n".join(figures.table([("candidate", *found), *((name, *(f"{of[name]:.0f}" for of in found.values())) for name in names)])))
    return found
