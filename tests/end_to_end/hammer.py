# SPDX-License-Identifier: Apache-2.0
"""Clients that ask without pause while something else happens, and must never see a failure."""
import json
import threading

from raw_client import Client


class Hammer:
    """Each thread asks one host on a connection of its own, kept alive, and remembers who answered."""

    def __init__(self, address, host, threads=3):
        self.address, self.host = address, host
        self.over = threading.Event()
        self.begun = threading.Semaphore(0)
        self.failures, self.answered = [], []
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(threads)]

    def run(self):
        try:
            with Client(self.address) as client:
                first = True
                while not self.over.is_set():
                    response = client.get(self.host)
                    assert response.status == 200, response.raw
                    self.answered.append(json.loads(response.body)["service"])
                    if first:
                        self.begun.release()
                        first = False
        except Exception as failure:  # whatever it is, the test shall say so
            self.failures.append(repr(failure))
            self.begun.release()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        for _ in self.threads:
            self.begun.acquire()
        return self

    def __exit__(self, kind, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if kind is None:
            assert not self.failures, self.failures
