# SPDX-License-Identifier: Apache-2.0
"""A program of its own: watches of an API server that do nothing but note when each line came, for a measure of the server alone.

    plain_watcher.py HOST PORT AUTHORITY TOKEN PATH...

It says `watching` once all are open, and of each event a line: type, name and the time by perf_counter(), which is the same clock for
all processes. It ends when its standard input does.
"""
import http.client
import re
import ssl
import subprocess
import sys
import threading
import time

TYPE, NAME = re.compile(rb'"type":"([A-Z]+)"'), re.compile(rb'"metadata":\{"name":"([^"]+)"')


class Watcher:
    """The side of the bench: `times` of events by (type, name), the newest last."""

    def __init__(self, api, paths):
        command = [sys.executable, __file__, *map(str, (*api.address, api.authority, api.token)), *paths]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.times, self.changed = {}, threading.Condition()
        if self.process.stdout.readline() != "watching\n":
            raise AssertionError("the plain watcher does not watch")
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            kind, name, at = line.split()
            with self.changed:
                self.times.setdefault((kind, name), []).append(float(at))
                self.changed.notify_all()

    def first_after(self, kind, name, begin, patience=30):
        """When the first such event came that is not older than `begin`."""
        def there():
            return next((at for at in self.times.get((kind, name), ()) if at >= begin), None)

        with self.changed:
            found = self.changed.wait_for(there, patience)
        if found is None:
            raise AssertionError(f"the plain watcher saw no {kind} of {name}")
        return found

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def watch(connection, path, token, opened, out):
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    opened.release()
    while line := answer.readline():
        now = time.perf_counter()
        kind, name = TYPE.search(line), NAME.search(line)
        if kind and name:
            with out:
                print(kind[1].decode(), name[1].decode(), repr(now), flush=True)


def main(host, port, authority, token, *paths):
    tls, opened, out = ssl.create_default_context(cafile=authority), threading.Semaphore(0), threading.Lock()
    for path in paths:
        connection = http.client.HTTPSConnection(host, int(port), context=tls)
        threading.Thread(target=watch, args=(connection, path, token, opened, out), daemon=True).start()
    for _ in paths:
        opened.acquire()
    with out:
        print("watching", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
