# SPDX-License-Identifier: Apache-2.0
"""How long it takes from an object's writing to the API server until every worker answers by it, and until a plain watcher beside the
gateway has its event: the difference is the gateway's.
"""
import dataclasses
import itertools
import json
import random
import time
import typing

import asking
import figures
from api import path_of
from bars import verdict
from cluster_stand import NAMESPACE, ORIGINS, WORKERS, Others
from figures import percentile
from folder import endpoint_slice, ingress, path, route, rule, service
from plain_watcher import Watcher

ROUTES, SERVICES = 5_000, 100
SMALL_ROUTES, SMALL_SERVICES = 50, 10
UNCOUNTED = 8  # what is made once is made at the first edit of each kind
QUIET = 0.02   # seconds between two edits
MERGE = "application/merge-patch+json"


@dataclasses.dataclass(frozen=True)
class Edit:
    kind: str
    method: str
    resource: str
    name: str
    host: str
    event: str
    is_it: typing.Callable  # (status, body) -> bool
    body: dict = None

    @property
    def path(self):
        return path_of(self.resource, NAMESPACE, None if self.method == "POST" else self.name)


def by(name):
    """An answer of that origin."""
    return lambda status, body: status == 200 and json.loads(body)["service"] == name


def is_404(status, _):
    return status == 404


def host_of(number):
    return f"route-{number:05}.example.com"


class Objects:
    """Routes of a host each; every Service has one endpoint, of the origin "one"."""

    def __init__(self, routes, services, port):
        self.routes, self.services, self.port, self.dice = routes, services, port, random.Random(7)
        self.origins = dict.fromkeys(range(services), "one")
        self.unmoved = list(range(services, routes))  # by the others edits of endpoints are seen
        self.dice.shuffle(self.unmoved)

    def service(self, number):
        return f"service-{number:04}"

    def slice(self, number):
        return endpoint_slice(self.service(number), self.port, (ORIGINS[self.origins[number]],), "a")

    def all(self):
        for number in range(self.services):
            yield service(self.service(number))
            yield self.slice(number)
        yield service("other")
        yield endpoint_slice("other", self.port, (ORIGINS["three"],), "a")
        for number in range(self.routes):
            yield route(host_of(number), self.service(number % self.services), f"route-{number:05}")

    def edits(self):
        """The four kinds in turn, until every route was moved."""
        for number in itertools.count():
            added = route(f"added-{number}.example.com", "other", f"added-{number}")
            host = added["spec"]["rules"][0]["host"]
            yield Edit("a new Ingress", "POST", "ingresses", added["metadata"]["name"], host, "ADDED", by("three"), added)
            yield self.another_backend()
            yield self.another_endpoint()
            yield Edit("an Ingress less", "DELETE", "ingresses", added["metadata"]["name"], host, "DELETED", is_404)

    def another_backend(self):
        number = self.unmoved.pop()
        moved = ingress("moved", rule(host_of(number), path("/", "other")))
        return Edit("another backend", "PATCH", "ingresses", f"route-{number:05}", host_of(number), "MODIFIED", by("three"), {"spec": moved["spec"]})

    def another_endpoint(self):
        number = self.dice.randrange(self.services)
        self.origins[number] = "two" if self.origins[number] == "one" else "one"
        changed = self.slice(number)
        return Edit("another endpoint", "PATCH", "endpointslices", changed["metadata"]["name"], host_of(number), "MODIFIED",
                    by(self.origins[number]), {"endpoints": changed["endpoints"]})


@dataclasses.dataclass
class Found:
    """Milliseconds of one edit, and how many answers were 5xx meanwhile."""
    kind: str
    answered: float
    watched: float
    broken: int

    @property
    def on_top(self):
        return self.answered - self.watched


def play(edit, api, connections, watcher):
    """The write's answer is read last, for most of the way is over by then."""
    broken = []

    def is_it(status, body):
        if status >= 500:
            broken.append(status)
        return edit.is_it(status, body)

    begin = time.perf_counter()
    api.send(edit.method, edit.path, edit.body, MERGE if edit.method == "PATCH" else "application/json")
    answered, _ = asking.until_all_say(connections, edit.host, "/", is_it, begin)
    api.receive()
    watched = watcher.first_after(edit.event, edit.name, begin) - begin
    return Found(edit.kind, 1000 * answered, 1000 * watched, len(broken))


def newest(api, resource):
    """The path of a watch from now on."""
    of = path_of(resource, NAMESPACE)
    return f"{of}?watch=true&resourceVersion={api.ask('GET', f'{of}?limit=1')['metadata']['resourceVersion']}"


def measure(stand, edits, small, binary):
    """Found of each edit."""
    routes, services = (SMALL_ROUTES, SMALL_SERVICES) if small else (ROUTES, SERVICES)
    objects = Objects(routes, services, stand.start_origins(binary))
    stand.fill(objects.all())
    print(f"\npropagation: {routes} Ingresses of a host each, {services} Services, {edits} edits\n")
    gateway, api = stand.gateway(), stand.cluster.api.kept()
    connections = asking.one_for_each_worker(gateway.pid, gateway.address[1], WORKERS, host_of(0), "/")
    watcher = Watcher(api, [newest(api, resource) for resource in ("ingresses", "endpointslices")])
    others, found = Others(), []
    for edit in itertools.islice(objects.edits(), UNCOUNTED + edits):
        found.append(play(edit, api, connections, watcher))
        time.sleep(QUIET)
    print("\n".join(table(found[UNCOUNTED:])))
    print(others.note())
    watcher.end()
    api.close()
    for connection in connections:
        connection.close()
    return found[UNCOUNTED:]


def table(found):
    rows = [("edit", "until answered ms, p50", "p99", "until watched, p50", "p99", "on top, p50", "p99")]
    for kind in [*dict.fromkeys(one.kind for one in found), "all"]:
        of = [one for one in found if kind in (one.kind, "all")]
        columns = [one.answered for one in of], [one.watched for one in of], [one.on_top for one in of]
        rows.append((f"{kind} ({len(of)})", *(f"{percentile(column, share):.1f}" for column in columns for share in (0.5, 0.99))))
    return figures.table(rows)


def bar_rows(found):
    on_top = [one.on_top for one in found]
    for share, bar in ((0.5, 10), (0.99, 50)):
        value = percentile(on_top, share)
        yield f"propagation on top of the API server's, p{100 * share:.0f}", f"{value:.1f} ms", f"{bar} ms", "", verdict(value, bar, None)
    broken = sum(one.broken for one in found)
    yield "answers of 5xx meanwhile", str(broken), "0", "", verdict(broken, 0, None)
