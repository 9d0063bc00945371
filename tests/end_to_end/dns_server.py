# SPDX-License-Identifier: Apache-2.0
"""A DNS server on 127.0.0.1, by UDP and TCP on one port: names and their addresses, which a test changes while it runs."""
import ipaddress
import socket
import struct
import threading

A, AAAA = 1, 28
SERVFAIL, NXDOMAIN = 2, 3


def read_question(message):
    """(name, type, bytes of the section)"""
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode("ascii"))
        at += 1 + message[at]
    return ".".join(labels).lower(), struct.unpack("!H", message[at + 1:at + 3])[0], message[12:at + 5]


class DnsServer:
    """`records` has a list of addresses for a name, or a number of a response code, or "silence". A name that it does not have does
    not exist. With `truncates` the answers do not fit into datagrams."""

    def __init__(self, records=None, ttl=0, truncates=False):
        self.records, self.ttl, self.truncates = dict(records or {}), ttl, truncates
        self.asked = []
        self.stream = socket.create_server(("127.0.0.1", 0))
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(self.stream.getsockname())
        self.address = "{}:{}".format(*self.stream.getsockname())
        self.threads = [threading.Thread(target=serve, daemon=True) for serve in (self.serve_datagrams, self.serve_streams)]
        for thread in self.threads:
            thread.start()

    def answer(self, message, by_stream):
        """None: silence."""
        name, kind, section = read_question(message)
        self.asked.append((name, kind, by_stream))
        found = self.records.get(name, NXDOMAIN)
        if found == "silence":
            return None
        code, addresses = (found, []) if isinstance(found, int) else (0, [ipaddress.ip_address(text) for text in found])
        fitting = [one.packed for one in addresses if kind == {4: A, 6: AAAA}[one.version]]
        cut = self.truncates and not by_stream
        flags = 0x8180 | code | (0x0200 if cut else 0)
        records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, self.ttl, len(packed)) + packed for packed in fitting)
        head = message[:2] + struct.pack("!HHHHH", flags, 1, 0 if cut else len(fitting), 0, 0)
        return head + section + (b"" if cut else records)

    def serve_datagrams(self):
        while True:
            try:
                message, peer = self.datagrams.recvfrom(4096)
            except OSError:
                return
            if not message:
                return
            answer = self.answer(message, False)
            if answer:
                self.datagrams.sendto(answer, peer)

    def serve_streams(self):
        while True:
            try:
                accepted, _ = self.stream.accept()
            except OSError:
                return
            with accepted:
                accepted.settimeout(10)
                try:
                    self.converse(accepted)
                except OSError:
                    pass

    def converse(self, accepted):
        """Until the other side ends it."""
        received = b""
        while True:
            while len(received) < 2 or len(received) < 2 + struct.unpack("!H", received[:2])[0]:
                more = accepted.recv(4096)
                if not more:
                    return
                received += more
            size = struct.unpack("!H", received[:2])[0]
            answer = self.answer(received[2:2 + size], True)
            received = received[2 + size:]
            if answer:
                accepted.sendall(struct.pack("!H", len(answer)) + answer)

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.datagrams.getsockname())
        self.stream.shutdown(socket.SHUT_RDWR)
        self.threads[0].join()
        self.datagrams.close()
        self.stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
