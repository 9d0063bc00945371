# SPDX-License-Identifier: Apache-2.0
"""A folder that is edited again and again at random, and the timeline of who may answer.

Each (host, target) depends on one file, and each edit writes or removes one file. No edit makes a request fail that the folder does
not say should: the hosts of guests answer 404 while they are away, all others by a Service, whatever is edited.
"""
import json
import random
import time

from folder import described, endpoint_slice, ingress, path, route, rule, served, service
from scale_layouts import gate_route, gate_rule, header

STABLE, MOVING, SCALED, BRANCHED, GUESTS = 20, 10, 10, 10, 10
BRANCHES = ("/a", "/a/b", "/c")
PODS = tuple(f"pod{number}" for number in range(4))
SERVICES = tuple(f"stable{number}" for number in range(5)) + ("one", "two", "root", "leaf", *PODS)
SLOW = ("slow0.test", "slow1.test")


class World:
    def __init__(self, folder, origins, slow_port, timeline, seed=4):
        self.folder, self.ports, self.slow_port, self.timeline = folder, origins.ports, slow_port, timeline
        self.random = random.Random(seed)
        self.edit, self.unrelated, self.guests, self.branches = 0, [], set(), {number: set() for number in range(BRANCHED)}
        self.kinds = {}
        named = [name for name in SERVICES if name not in PODS]
        folder.write("services.yaml", *(item for name in named for item in served(name, self.ports[name])))
        self.write_stable()
        self.write_slow(["127.0.0.1"])
        for number in range(len(SLOW)):
            self.write_slow_route(number)
        for number in range(MOVING):
            self.write_moving(number, "one")
        for number in range(SCALED):
            self.write_scaled(number, PODS[:1])
        for number in range(BRANCHED):
            self.write_branched(number)
        for number in range(GUESTS):
            self.timeline.add((f"guest{number}.test", "/"), 0, 0.0, "404")

    def note(self, ask, *allowed):
        self.timeline.add(ask, self.edit, time.monotonic(), *allowed)

    def asks(self):
        return list(self.timeline.versions)

    # What may be edited.

    def write_stable(self, *more):
        """Hosts that always have the same backend, in a file that is edited."""
        rules = [rule(f"stable{number}.test", path("/", f"stable{number % 5}")) for number in range(STABLE)]
        if not self.edit:
            for number in range(STABLE):
                self.note((f"stable{number}.test", "/"), f"stable{number % 5}")
        self.random.shuffle(rules)
        self.folder.write("stable.yaml", ingress("stable", *rules, *more))

    def write_moving(self, number, to):
        self.note((f"moving{number}.test", "/"), to)
        self.folder.write(f"moving{number}.yaml", route(f"moving{number}.test", to, name=f"moving{number}"))

    def write_scaled(self, number, pods):
        name = f"scaled{number}"
        self.note((f"{name}.test", "/"), *pods)
        self.folder.write(f"{name}.yaml", *served(name, *(self.ports[pod] for pod in pods)), route(f"{name}.test", name, name=name))

    def write_branched(self, number):
        host, there = f"branched{number}.test", self.branches[number]
        for target in ("/", *BRANCHES):
            above = {branch for branch in there if target == branch or target.startswith(branch + "/")}
            self.note((host, target), "leaf" if above else "root")
        paths = [path("/", "root"), *(path(at, "leaf") for at in sorted(there))]
        self.folder.write(f"branched{number}.yaml", ingress(f"branched{number}", rule(host, *paths)))

    def write_slow(self, addresses):
        """Endpoints that have requests and tunnels under way go, and come back."""
        self.folder.write("slow.yaml", service("slow"), endpoint_slice("slow", self.slow_port, addresses))

    def write_slow_route(self, number, *more):
        self.folder.write(f"slow-route{number}.yaml", ingress(f"slow{number}", rule(SLOW[number], path("/", "slow"), *more)))

    # The edits.

    def move(self):
        number = self.random.randrange(MOVING)
        now, = self.timeline.now_allowed((f"moving{number}.test", "/"))
        self.write_moving(number, "two" if now == "one" else "one")

    def scale(self):
        self.write_scaled(self.random.randrange(SCALED), self.random.sample(PODS, self.random.randint(1, len(PODS))))

    def branch(self):
        number = self.random.randrange(BRANCHED)
        self.branches[number] ^= {self.random.choice(BRANCHES)}
        self.write_branched(number)

    def visit(self):
        number = self.random.randrange(GUESTS)
        host, name = f"guest{number}.test", f"guest{number}"
        if number in self.guests:
            self.note((host, "/"), "404")
            self.folder.remove(f"{name}.yaml")
        else:
            self.note((host, "/"), "one")
            self.folder.write(f"{name}.yaml", route(host, "one", name=name))
        self.guests ^= {number}

    def edit_stable(self):
        self.write_stable(rule(f"beside{self.edit}.test", path("/", "two")))

    def edit_slow(self):
        self.write_slow(self.random.choice([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1", "127.0.0.2"]]))

    def edit_slow_route(self):
        self.write_slow_route(self.random.randrange(len(SLOW)), path(f"/beside{self.edit}", "one"))

    def edit_gate_route(self):
        """Candidates before the rules that serve, for other requests of the same hosts than are asked for."""
        self.folder.write("gate.yaml", gate_route(
            "gate", gate_rule("two", "Any", None, [header("X-Canary", exact=str(self.edit))]), gate_rule("two", "Regex", f"/never{self.edit}/.*"),
            hosts=[f"stable{number}.test" for number in self.random.sample(range(STABLE), 5)], priority=self.random.randint(-1, 1)))

    def edit_unrelated(self):
        """Objects that lead nowhere near the requests, also ones that are wrong; they go again later."""
        if len(self.unrelated) > 20:
            self.folder.remove(self.unrelated.pop(self.random.randrange(len(self.unrelated))))
            return
        name = f"unrelated{self.edit}"
        wrong = route(f"{name}.test", "nobody", name=name)
        wrong["spec"]["rules"] *= 2
        self.folder.write(f"{name}.yaml", self.random.choice([
            wrong,
            described("v1", "ConfigMap", name) | {"data": {"a": name}},
            described("v1", "Namespace", name),
            service(name),
            ingress(name, rule(f"{name}.test", path("Nonsense", "one"))),
        ]))
        self.unrelated.append(f"{name}.yaml")

    def edit_fence(self):
        """A new object that is accepted: the line about it comes once every worker serves from a snapshot that has it."""
        self.folder.write("fence.yaml", route("fence.test", "one", name=f"fence{self.edit}"))

    def step(self):
        """One edit; what kind it was."""
        self.edit += 1
        kind = self.edit_fence if self.edit % 10 == 0 else self.random.choice(
            [self.move, self.scale, self.branch, self.visit, self.edit_stable, self.edit_slow, self.edit_slow_route, self.edit_gate_route,
             self.edit_unrelated])
        kind()
        self.kinds[kind.__name__] = self.kinds.get(kind.__name__, 0) + 1
        return kind


class Fences:
    """Reads what a gateway said so far for the fences in it."""

    def __init__(self, gateway, timeline):
        self.lines, self.timeline, self.read = gateway.errors.lines, timeline, 0

    def look(self):
        while self.read < len(self.lines):
            _, found, rest = self.lines[self.read].partition("accepted Ingress default/fence")
            if found:
                self.timeline.fence(time.monotonic(), int(rest.split()[0].rstrip(":")))
            self.read += 1
        return self.timeline.fences[-1][1]


def answered_by(response):
    """As the load says it: a Service, or the status of an answer that is not 200."""
    return json.loads(response.body)["service"] if response.status == 200 else str(response.status)
