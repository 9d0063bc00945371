# SPDX-License-Identifier: Apache-2.0
"""Three ways to lay out routes, and requests at random that meet them: known and unknown hosts, paths in odd spellings, headers and
queries. The same seed gives the same ones.
"""
import random
from typing import NamedTuple

from folder import described, ingress, path, rule, service

SERVICES = tuple(f"web{number}" for number in range(8))
KEEP = {"sallyport.dev/encoded-slash": "keep"}
UNMERGED = {"sallyport.dev/merge-slashes": "off"}


class Request(NamedTuple):
    method: str
    host: str
    target: str
    headers: tuple = ()
    source: str = "127.0.0.1"
    body: bytes = b""
    version: str = "HTTP/1.1"
    is_absolute: bool = False  # its target is the whole URL (RFC 9112 3.2.2)

    @property
    def raw(self):
        lines = [f"{self.method} {self.url if self.is_absolute else self.target} {self.version}", f"Host: {self.host}", *self.headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + self.body

    @property
    def url(self):
        return f"http://{self.host}{self.target}"

    def __str__(self):
        form = "absolute-form " if self.is_absolute else ""
        return f"{self.version} {form}{self.method} {self.url} {' '.join(f'-H {header!r}' for header in self.headers)} from {self.source}"


def gate_route(name, *rules, hosts=(), host_regexes=(), priority=0):
    spec = {"rules": list(rules), "priority": priority} | ({"hosts": list(hosts)} if hosts else {})
    spec |= {"hostRegexes": list(host_regexes)} if host_regexes else {}
    return described("sallyport.dev/v1alpha1", "GateRoute", name) | {"spec": spec}


def gate_rule(to, kind=None, value=None, when=(), ignore_case=False):
    """`to`: the name of a Service, or {name: weight}."""
    weights = {to: 1} if isinstance(to, str) else to
    made = {"backends": [{"service": name, "port": 80, "weight": weight} for name, weight in weights.items()]}
    if kind:
        made["path"] = {"type": kind} | ({"value": value} if value else {}) | ({"ignoreCase": True} if ignore_case else {})
    return made | ({"when": list(when)} if when else {})


def header(name, **test):
    return {"header": {"name": name} | test}


def query(name, **test):
    return {"query": {"name": name} | test}


def many_hosts():
    """Each host has its own few paths; some by wildcard, some that lead nowhere, and whatever is left has a default backend."""
    objects = [service("empty")]
    for number in range(60):
        to = SERVICES[number % len(SERVICES)]
        paths = [path("/", to), path("/shop", "web1"), path("/shop/cart", "web2", "Exact")]
        objects.append(ingress(f"host{number}", rule(f"h{number}.test", *paths)))
    objects.append(ingress("wild", rule("*.wild.test", path("/", "web3"), path("/only", "web4", "Exact"))))
    objects.append(ingress("narrow", rule("a.wild.test", path("/a", "web5"))))
    objects.append(ingress("nowhere", rule("nowhere.test", path("/", "nobody"), path("/empty", "empty"), path("/good", "web0"))))
    objects.append(ingress("kept", rule("kept.test", path("/", "web6")), annotations=KEEP))
    objects.append(ingress("unmerged", rule("unmerged.test", path("/a", "web6"), path("/a//b", "web7")), annotations=UNMERGED))
    hosts = [f"h{number}.test" for number in range(60)]
    hosts += ["a.wild.test", "b.wild.test", "a.b.wild.test", "nowhere.test", "kept.test", "unmerged.test"]
    paths = ["/", "/shop", "/shop/cart", "/shop/cart/1", "/shopping", "/only", "/a", "/a/b", "/empty", "/good"]
    return objects, hosts, paths


def one_host():
    """One host with paths that lie in each other, of several Ingresses, some of which ask for the same."""
    objects, paths = [service("empty")], ["/"]
    draw = random.Random(2)
    elements = ["a", "b", "c", "shop", "api", "v1", "caf%C3%A9", "x.y"]
    for number in range(120):
        written = "/" + "/".join(draw.choice(elements) for _ in range(draw.randint(1, 4)))
        paths.append(written)
        annotations = draw.choice([None, None, None, KEEP, UNMERGED])
        to = draw.choice([*SERVICES, "empty", "nobody"]) if number % 10 == 0 else draw.choice(SERVICES)
        kind = draw.choice(["Exact", "Prefix", "Prefix", "ImplementationSpecific"])
        objects.append(ingress(f"part{number}", rule("one.test", path(written, to, kind)), annotations=annotations,
                               created=f"202{number % 5}-01-01T00:00:00Z"))
    objects.append(ingress("every-host", rule(None, path("/shop", "web7"), path("/any", "web6", "Exact"))))
    return objects, ["one.test"] * 6 + ["two.test"], paths + ["/any"]


def gate_routes():
    """GateRoutes of every kind of host, path and predicate, among Ingresses of the same hosts, with priorities and weights."""
    objects = [
        service("empty"),
        ingress("plain", rule("gate.test", path("/", "web0"), path("/shop", "web1"), path("/exact", "web2", "Exact")),
                rule("*.gate.test", path("/", "web1"))),
        gate_route("canary", gate_rule("web3", "Prefix", "/shop", [header("X-Canary", exact="on")]),
                   gate_rule("web4", "Prefix", "/shop", [header("X-Canary", present=True)]),
                   gate_rule("web5", "Prefix", "/shop", [query("canary", regex="y(es)?")]), hosts=["gate.test"]),
        gate_route("methods", gate_rule("web6", "Exact", "/exact", [{"method": ["POST", "PUT"]}]),
                   gate_rule("web7", "Any", None, [{"not": {"method": ["GET", "HEAD", "POST"]}}, header("X-User", regex="[a-z]+[0-9]")]),
                   hosts=["gate.test"]),
        gate_route("bytes", gate_rule("web2", "BytePrefix", "/sho"), gate_rule("web3", "BytePrefix", "/API", ignore_case=True),
                   gate_rule("web4", "Exact", "/Mixed", ignore_case=True), hosts=["gate.test", "**.deep.test"]),
        gate_route("regexes", gate_rule("web5", "Regex", "/items/[0-9]+"), gate_rule("web6", "Regex", ".*[.]png", ignore_case=True),
                   gate_rule("web7", "Regex", "/(a|b)/.*/end", [query("q", present=True)]), hosts=["gate.test"]),
        gate_route("urgent", gate_rule("web7", "Prefix", "/urgent"), hosts=["gate.test"], priority=10),
        gate_route("late", gate_rule("web0", "Prefix", "/shop/cart"), hosts=["gate.test"], priority=-5),
        gate_route("host-regexes", gate_rule("web5", "Prefix", "/"), host_regexes=["team-[a-z]+[.]test"]),
        gate_route("every-host", gate_rule("web6", "Prefix", "/every"),
                   gate_rule("web7", "Prefix", "/every",
                             [{"any": [header("X-Canary", exact="on"), {"all": [query("a", exact="1"), {"method": ["GET"]}]}]}])),
        gate_route("clients", gate_rule("web3", "Prefix", "/client", [{"client": ["127.0.0.5/32", "203.0.113.0/24"]}]),
                   gate_rule("web4", "Prefix", "/client"), hosts=["gate.test"]),
        gate_route("weights", gate_rule({"web0": 3, "web1": 1}, "Prefix", "/split"),
                   gate_rule({"web2": 1, "nobody": 1, "empty": 1}, "Prefix", "/torn"),
                   gate_rule({"web3": 0}, "Prefix", "/weightless"), hosts=["gate.test", "weights.test"]),
    ]
    hosts = ["gate.test"] * 8 + ["a.gate.test", "a.b.gate.test", "x.deep.test", "x.y.deep.test", "deep.test", "team-a.test", "team-1.test",
                                 "weights.test", "else.test"]
    paths = ["/", "/shop", "/shop/cart", "/shopping", "/sho", "/exact", "/api/v1", "/Mixed", "/items/12", "/items/x", "/img/a.png", "/a/b/end",
             "/urgent", "/every", "/client", "/client", "/client/a", "/client", "/split", "/torn", "/weightless", "/team"]
    return objects, hosts, paths


LAYOUTS = {"many-hosts": many_hosts, "one-host": one_host, "gate-routes": gate_routes}


def encoded(draw, at):
    """Some of its letters as %xx, which changes nothing."""
    return at if "%" in at else "".join(f"%{ord(one):02x}" if one.isalnum() and draw.random() < 0.3 else one for one in at)


SPELLINGS = (
    lambda draw, at: at,
    lambda draw, at: at,
    lambda draw, at: at,
    lambda draw, at: at + "/",
    lambda draw, at: at + "/more",
    lambda draw, at: at + "x",
    lambda draw, at: at.upper(),
    lambda draw, at: "/" + at,
    lambda draw, at: at.replace("/", "//", draw.randint(1, 3)),
    lambda draw, at: at + "//b",
    lambda draw, at: "/." + at,
    lambda draw, at: "/x/.." + at,
    lambda draw, at: at + "/./z/..",
    lambda draw, at: "/%2E%2e" + at,
    lambda draw, at: "/.." + at,
    lambda draw, at: at + "%2Fb",
    lambda draw, at: at + "%2f",
    lambda draw, at: encoded(draw, at),
    lambda draw, at: at + ";v=1",
    lambda draw, at: at + "%00",
    lambda draw, at: at + "%zz",
    lambda draw, at: at + "/%C3%A9",
    lambda draw, at: at + "/%ff",
    lambda draw, at: at + "\\b",
    lambda draw, at: at + "|<>",
)
QUERIES = ("", "", "", "?", "?a=1", "?a=1&a=2", "?a=2&a=1", "?canary=y", "?canary=yes", "?canary=no", "?%63anary=%79", "?q", "?q=",
           "?q=a+b%20c", "?a/b?c=/d", "?" + "&".join(f"k{number}=v" for number in range(20)))
HEADERS = ((), (), (), ("X-Canary: on",), ("x-canary:on",), ("X-Canary: off",), ("X-Canary: ",), ("X-Canary: on", "X-Canary: on"), ("X-User: ann1",),
           ("X-User: Ann1",), ("X-Canary: on", "X-User: bob7"), ("X_Canary: on",), ("Connection: X-Canary", "X-Canary: on"), ("Cookie: a=b",),
           ("X-Forwarded-For: 203.0.113.7",), ("X-Forwarded-For: 203.0.113.7, 127.0.0.1",), ("X-Forwarded-Host: gate.test",), ("Accept: */*",))
REFUSED_HEADERS = (("Content-Length: x",), ("Transfer-Encoding: gzip",), ("Bad Name: x",), ("Host: twice.test",))
METHODS = ("GET",) * 8 + ("HEAD", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "get", "TRACE")
SOURCES = ("127.0.0.1",) * 4 + ("127.0.0.5", "127.0.0.9")
TRUSTED = "127.0.0.9/32"


def spelled_host(draw, host):
    others = [host.upper(), host + ".", host + ":80", "no-" + host, "x." + host, "127.0.0.1", "[::1]:80", "not_a_host.test"]
    return draw.choice([host] * len(others) + others)


def requests(layout, count, seed=3):
    """(objects, requests)"""
    objects, hosts, paths = LAYOUTS[layout]()
    draw = random.Random(f"{layout} {seed}")
    forms = random.Random(f"{layout} {seed} forms")
    made = []
    for _ in range(count):
        method = draw.choice(METHODS)
        headers = draw.choice(REFUSED_HEADERS) if draw.random() < 0.03 else draw.choice(HEADERS)
        body = b"abc" if method in ("POST", "PUT", "PATCH") and draw.random() < 0.7 else b""
        target = draw.choice(SPELLINGS)(draw, draw.choice(paths)) + draw.choice(QUERIES)
        # HTTP/1.0 has no Transfer-Encoding, so there it is another mistake than in what an explanation is asked for.
        version = "HTTP/1.0" if forms.random() < 0.1 and not any("Transfer-Encoding" in one for one in headers) else "HTTP/1.1"
        length = (f"Content-Length: {len(body)}",) if body else ()
        made.append(Request(method, spelled_host(draw, draw.choice(hosts)), target, headers + length, draw.choice(SOURCES), body,
                            version, forms.random() < 0.1))
    return objects, made
