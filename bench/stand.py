# SPDX-License-Identifier: Apache-2.0
"""The origin, the load and all candidates, running side by side on two CPUs."""
import http.client
import os
import pathlib
import tempfile

import candidates
import machine
from loads import Generator
from processes import Broken, Child, free_port

LOGGED = "sallyport-log"
CANDIDATES = ("relay", "sallyport", "haproxy", LOGGED, "nginx", "nghttpx", "h2o")  # whose ratios count are neighbours


class Stand:
    """They are ended when `stack` is closed."""

    def __init__(self, programs, folder, stack, beside=None):
        self.folder, self.stack, self.programs = pathlib.Path(folder), stack, programs
        self.load_cpu, self.cpu = machine.two_cpus()
        sallyport = programs["sallyport"]
        self.recipes = {"relay": candidates.relay(programs["relay"]), "sallyport": candidates.sallyport(sallyport, log=False),
                        "haproxy": candidates.haproxy, LOGGED: candidates.sallyport(sallyport, log=True),
                        "nginx": candidates.nginx_proxy, "nghttpx": candidates.nghttpx, "h2o": candidates.h2o}
        for name, binary in (beside or {}).items():
            self.recipes[name] = candidates.sallyport(binary, log=False)
        port = free_port()
        self.origin = self.start("origin", [programs["origin"], port], self.load_cpu, port)
        self.load = Generator(programs["load"], self.load_cpu, self.folder)
        stack.callback(self.load.end)
        self.running = {}

    def start(self, name, command, cpu, port, environment=None):
        child = Child(name, command, cpu, port, tempfile.mkstemp(prefix="said-", dir=self.folder)[1], environment)
        self.stack.callback(child.end)
        child.wait_until_listening()
        return child

    def fresh(self, name, environment=None):
        """A new process of the candidate, asked once for each kind of answer."""
        folder, port = pathlib.Path(tempfile.mkdtemp(dir=self.folder)), free_port()
        child = self.start(name, self.recipes[name](folder, port, self.origin.port), self.cpu, port, environment)
        child.access_log = folder / "log"
        self.check_work(child)
        return child

    def check_work(self, child):
        check_work(child)

    def candidate(self, name):
        if name not in self.running:
            self.running[name] = self.fresh(name)
        return self.running[name]

    def others(self):
        return machine.Others([self.origin, self.load, *self.running.values()])


def check_work(child):
    """The answers are the origin's, and but for the relay the origin is told what all gateways tell it."""
    for path in ("/", "/70000", "/managed"):
        connection = http.client.HTTPConnection("127.0.0.1", child.port, timeout=10)
        connection.request("GET", path, headers={"Host": candidates.HOST, "X-Forwarded-For": "192.0.2.1"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        told = dict(line.split("=", 1) for line in body.decode().splitlines()) if path == "/managed" else {}
        if path == "/managed":
            good = child.name == "relay" or (list(told) == list(candidates.MANAGED) and all(told.values()) and told["X-Forwarded-For"].endswith("127.0.0.1")
                                             and told["X-Forwarded-Host"].startswith(candidates.HOST) and told["X-Forwarded-Port"].isdigit())
        else:
            good = len(body) == int(path[1:] or 100)
        if response.status != 200 or not good:
            raise Broken(f"{child.name} answers {path} with {response.status} {body[:400]!r}")
