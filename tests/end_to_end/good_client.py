# SPDX-License-Identifier: Apache-2.0
"""A well-behaved client in a process of its own, while others misbehave: it asks at a fixed rate, from another address than
theirs, on a kept connection and every tenth time on a new one.

    good_client.py PLAN      with JSON {"address": [host, port], "source": address, "host": name, "rate": requests a second}

Each line on its standard input, a number of seconds, is answered after that time with JSON of what was since the last one:
how many requests were answered, what failed, and the latencies in seconds, counted from when a request was due. It ends when
its standard input does.
"""
import json
import select
import subprocess
import sys
import time

from raw_client import Client, request


class GoodClient:
    """The side of the test: starts the process, and asks it how it went."""

    def __init__(self, address, host, rate=50, source="127.0.0.9"):
        plan = {"address": address, "source": source, "host": host, "rate": rate}
        self.process = subprocess.Popen([sys.executable, __file__, json.dumps(plan)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def report(self, pause=0):
        """Of what was since the last report, and of the next `pause` seconds; at least of one request that begins now."""
        self.process.stdin.write(b"%f\n" % pause)
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Asker:
    def __init__(self, plan):
        self.plan = plan
        self.asked, self.kept = 0, None
        self.clear()

    def clear(self):
        self.failures, self.latencies = [], []

    def open(self):
        return Client(tuple(self.plan["address"]), source=self.plan["source"])

    def ask(self):
        self.asked += 1
        ask = request("GET", self.plan["host"])
        if self.asked % 10 == 0:
            with self.open() as fresh:
                response = fresh.ask(ask)
        else:
            self.kept = self.kept or self.open()
            response = self.kept.ask(ask)
            if response.closes:
                self.kept.close()
                self.kept = None
        assert response.status == 200, response.raw

    def try_once(self, due):
        try:
            self.ask()
        except (AssertionError, OSError) as failure:
            self.failures.append(f"request {self.asked}: {failure!r}")
            if self.kept is not None:
                self.kept.close()
            self.kept = None
        else:
            self.latencies.append(time.monotonic() - due)

    def print_report(self):
        print(json.dumps({"answered": len(self.latencies), "failures": self.failures, "latencies": self.latencies}), flush=True)
        self.clear()

    def run(self):
        due, report_due = time.monotonic(), None
        while True:
            if select.select([sys.stdin], [], [], max(0, due - time.monotonic()))[0]:
                line = sys.stdin.readline()
                if not line:
                    return
                report_due = time.monotonic() + float(line)
                due = min(due, time.monotonic())
            if time.monotonic() >= due:
                self.try_once(due)
                due += 1 / self.plan["rate"]
                if report_due is not None and due >= report_due:
                    self.print_report()
                    report_due = None


if __name__ == "__main__":
    Asker(json.loads(sys.argv[1])).run()
