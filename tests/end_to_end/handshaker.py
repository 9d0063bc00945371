# SPDX-License-Identifier: Apache-2.0
"""Handshakes in a process of its own, while certificates change: each on a new connection, at a fixed rate, and judged as a browser
would; every tenth asks for something as well.

    handshaker.py PLAN      with JSON {"address": [host, port], "host": name, "authority": file, "rate": handshakes a second}

Each line on its standard input is answered with JSON of what was since the last one: how many handshakes there were, the
fingerprints that were seen, and what failed. It ends when its standard input does.
"""
import hashlib
import json
import select
import ssl
import subprocess
import sys
import time

from raw_client import Client, request


def fingerprint(address, host, context, ask=False):
    """Of the certificate that is shown; SHA-256 in hex."""
    with Client(tuple(address), tls=lambda connected: context.wrap_socket(connected, server_hostname=host)) as client:
        if ask:
            assert client.ask(request("GET", host)).status == 200
        return hashlib.sha256(client.socket.getpeercert(binary_form=True)).hexdigest()


class Handshaker:
    """The side of the test."""

    def __init__(self, address, host, authority, rate=50):
        plan = {"address": address, "host": host, "authority": str(authority.certificate_file), "rate": rate}
        self.process = subprocess.Popen([sys.executable, __file__, json.dumps(plan)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def report(self):
        """Of what was since the last report, and of at least one handshake that begins now."""
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def main():
    plan = json.loads(sys.argv[1])
    context = ssl.create_default_context(cafile=plan["authority"])
    number, asked, due = 0, False, time.monotonic()
    count, seen, failures = 0, [], []
    while True:
        if not asked and select.select([sys.stdin], [], [], max(0, due - time.monotonic()))[0]:
            if not sys.stdin.readline():
                return
            asked = True
        number += 1
        try:
            shown = fingerprint(plan["address"], plan["host"], context, ask=number % 10 == 0)
        except (AssertionError, OSError) as failure:
            failures.append(f"handshake {number}: {failure!r}")
        else:
            count += 1
            if shown not in seen[-1:]:
                seen.append(shown)
        due = max(due + 1 / plan["rate"], time.monotonic() - 1)
        if asked:
            print(json.dumps({"handshakes": count, "seen": seen, "failures": failures}), flush=True)
            count, seen, failures, asked = 0, [], [], False


if __name__ == "__main__":
    main()
