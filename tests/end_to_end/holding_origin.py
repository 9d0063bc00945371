# SPDX-License-Identifier: Apache-2.0
"""An origin that reads every request and keeps its answer back until it is told to release them."""
import threading

from raw_client import DEADLINE
from recorder import Connection, listening


class HoldingOrigin:
    def __init__(self, held=True, address="127.0.0.1"):
        self.listener = listening((address, 0), 1024)
        self.listener.settimeout(None)
        self.port = self.listener.getsockname()[1]
        self.connections = []
        self.arrived = threading.Semaphore(0)
        self.released = threading.Event()
        if not held:
            self.released.set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                accepted = self.listener.accept()[0]
            except OSError:
                return
            self.connections.append(accepted)
            threading.Thread(target=self.serve, args=(accepted,), daemon=True).start()

    def serve(self, accepted):
        try:
            connection = Connection(accepted)
            connection.socket.settimeout(None)
            while True:
                connection.read_request()
                self.arrived.release()
                self.released.wait()
                connection.answer(200, b"released\n")
        except (AssertionError, OSError):
            accepted.close()

    def wait_for(self, requests):
        """So many more have come since the last call."""
        for _ in range(requests):
            assert self.arrived.acquire(timeout=DEADLINE), "a request did not come"

    def release(self):
        self.released.set()

    def hold(self):
        """From now on answers are kept back again."""
        self.released.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release()
        self.listener.close()
        for connection in self.connections:
            connection.close()
