# SPDX-License-Identifier: Apache-2.0
"""Many named origins on one thread: each answers every request with JSON of what arrived and its own name."""
import json
import selectors
import socket
import threading

from recorder import listening


class Origins:
    def __init__(self, *names, address="127.0.0.1"):
        self.selector = selectors.DefaultSelector()
        self.wake_reader, self.wake = socket.socketpair()
        self.selector.register(self.wake_reader, selectors.EVENT_READ, None)
        self.ports, self.connections = {}, {}
        self.over = False
        for name in names:
            listener = listening((address, 0), 1024)
            listener.setblocking(False)
            self.ports[name], self.connections[name] = listener.getsockname()[1], 0
            self.selector.register(listener, selectors.EVENT_READ, (name, None))
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.over:
            for key, _ in self.selector.select():
                if key.data is None:
                    continue
                name, unread = key.data
                if unread is None:
                    self.accept(key.fileobj, name)
                else:
                    self.read(key.fileobj, name, unread)

    def accept(self, listener, name):
        try:
            accepted, _ = listener.accept()
        except BlockingIOError:
            return
        self.connections[name] += 1
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(accepted, selectors.EVENT_READ, (name, bytearray()))

    def read(self, connection, name, unread):
        try:
            more = connection.recv(65536)
        except ConnectionError:
            more = b""
        if not more:
            self.selector.unregister(connection)
            connection.close()
            return
        unread += more
        while (size := request_size(unread)) is not None:
            connection.sendall(answer(name, bytes(unread[:size])))
            del unread[:size]

    def close(self):
        self.over = True
        self.wake.send(b"x")
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.selector.close()
        self.wake.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def head_of(raw):
    start, *lines = raw.split(b"\r\n\r\n", 1)[0].decode("latin-1").split("\r\n")
    return start.split(" "), [tuple(line.split(": ", 1)) for line in lines]


def request_size(unread):
    """Of a complete request; bodies have a Content-Length here."""
    end = unread.find(b"\r\n\r\n")
    if end < 0:
        return None
    lengths = [int(value) for name, value in head_of(bytes(unread[: end + 4]))[1] if name.lower() == "content-length"]
    size = end + 4 + sum(lengths)
    return size if len(unread) >= size else None


def answer(name, raw):
    (method, path, proto), fields = head_of(raw)
    headers = {}
    for key, value in fields:
        headers.setdefault(key.title(), []).append(value)
    said = {"service": name, "pod": f"{name}-0", "method": method, "path": path, "proto": proto, "headers": headers,
            "host": headers.get("Host", [""])[0]}
    body = b"" if method == "HEAD" else json.dumps(said).encode()
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
