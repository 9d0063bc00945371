# SPDX-License-Identifier: Apache-2.0
"""A gateway that understands nothing: it relays bytes both ways. Before the oracles it has to fail."""
import socket
import threading

from recorder import listening


class Relay:
    """`damage` may change what goes up, `spoil` what comes down."""

    def __init__(self, upstream, damage=bytes, spoil=bytes):
        self.upstream, self.damage, self.spoil = upstream, damage, spoil
        self.listener = listening(("127.0.0.1", 0))
        self.listener.settimeout(None)
        self.address = self.listener.getsockname()[:2]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            upstream = socket.create_connection(self.upstream)
            for source, sink, change in ((client, upstream, self.damage), (upstream, client, self.spoil)):
                threading.Thread(target=self.pump, args=(source, sink, change), daemon=True).start()

    def pump(self, source, sink, change):
        try:
            while data := source.recv(65536):
                sink.sendall(change(data))
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
