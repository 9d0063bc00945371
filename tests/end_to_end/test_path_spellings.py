# SPDX-License-Identifier: Apache-2.0
"""A guarded /admin stays guarded, however it is spelt, for every kind of path and of rewriting (H1-20).

Each kind has a host on which requests for its /admin meet the guard, and everything else goes to an open backend that tells what it
got. No path that it got may be one that a lenient server reads as /admin. There are two exceptions, and they are the backend's own
reading, not a bypass of the rule:

- PARAMETERS. In RFC 3986 3.3 "/admin;x" is another name than "/admin", as "/adminx" is, and neither Ingress nor Gateway API lets a
  rule for /admin fit it. Refusing every ';' would refuse names that sites have. A backend that drops parameters is guarded with a
  BytePrefix or a Regex, which the kinds "gate bytes" and "gate closed" show. "..;" is refused everywhere.
- TWICE. RFC 3986 2.4: nothing is decoded twice; "%2561" is the name "%61". Refusing every %25 would refuse names with a percent
  sign. A backend that decodes twice is guarded with a Regex, which the kind "gate closed" shows.

Where `sallyport.dev/merge-slashes: off` or `encoded-slash: keep` are asked for, "//admin" and "/x%2fadmin" are names of their own; no
kind here asks for them.
"""
import json
import re
from dataclasses import dataclass

import pytest
from folder import Folder, described, ingress, path, rule, served
from gateway import Gateway
from h2_frames import PROTOCOL_ERROR, request_fields
from h2_wire import H2Client
from origins import Origins
from raw_client import Client
from spellings import PARAMETERS, PLAIN, TWICE, readings, without_dots


def gate(name, *rules):
    return described("sallyport.dev/v1alpha1", "GateRoute", name) | {"spec": {"hosts": [f"{name}.test"], "rules": list(rules)}}


def to(service, kind, value, rewrite=None):
    made = {"path": {"type": kind, "value": value}, "backends": [{"service": service, "port": 80}]}
    return made | ({"rewrite": {"path": rewrite}} if rewrite else {})


def replaced(kind, value, **more):
    return {"type": kind, "value": value} | more


@dataclass
class Kind:
    objects: tuple
    base: str = ""  # before each spelling
    root: str = ""  # where the open backend gets what stands under the base
    exact: bool = False  # only /admin itself is guarded
    joins: bool = False  # the base takes the place of the spelling's first slash
    guards_parameters: bool = False
    guards_twice: bool = False

    def is_bypass(self, reading):
        """The open backend must not get what it takes for /admin, nor anything outside of its root."""
        admin = f"{self.root}/admin"
        inside = not self.root or reading == self.root or reading.startswith(self.root + "/")
        return not inside or reading == admin or (not self.exact and reading.startswith(admin + "/"))


OPEN = to("open", "Prefix", "/")
KINDS = {
    "ingress prefix": Kind((ingress("ingress-prefix", rule("ingress-prefix.test", path("/admin", "guard"), path("/", "open"))),)),
    "ingress exact": Kind((ingress("ingress-exact", rule("ingress-exact.test", path("/admin", "guard", "Exact"), path("/", "open"))),), exact=True),
    "gate exact": Kind((gate("gate-exact", to("guard", "Exact", "/admin"), OPEN),), exact=True),
    "gate prefix": Kind((gate("gate-prefix", to("guard", "Prefix", "/admin"), OPEN),)),
    "gate bytes": Kind((gate("gate-bytes", to("guard", "BytePrefix", "/admin"), to("guard", "Regex", "/.*(;|%3B).*"), OPEN),),
                       guards_parameters=True),
    "gate regex": Kind((gate("gate-regex", to("guard", "Regex", "/admin(/.*)?"), to("open", "Regex", "/.*")),)),
    "gate closed": Kind((gate("gate-closed", to("guard", "BytePrefix", "/admin"), to("guard", "Regex", "/.*(;|%3B|%25).*"), OPEN),),
                        guards_parameters=True, guards_twice=True),
    "prefix taken off": Kind((gate("prefix-taken-off", to("guard", "Prefix", "/app/admin"),
                                   to("open", "Prefix", "/app", replaced("ReplacePrefixMatch", ""))),), base="/app"),
    "prefix replaced": Kind((gate("prefix-replaced", to("guard", "Prefix", "/files/admin"),
                                  to("open", "Prefix", "/files", replaced("ReplacePrefixMatch", "/public/v1"))),), base="/files", root="/public/v1"),
    "bytes replaced": Kind((gate("bytes-replaced", to("guard", "BytePrefix", "/app-admin"),
                                 to("open", "BytePrefix", "/app-", replaced("ReplacePrefixMatch", "/"))),), base="/app-", joins=True),
    "path replaced": Kind((gate("path-replaced", to("guard", "Prefix", "/app/admin"),
                                to("open", "Prefix", "/app", replaced("ReplaceFullPath", "/landing/page"))),), base="/app", root="/landing",
                          guards_parameters=True, guards_twice=True),
    "regex replaced": Kind((gate("regex-replaced", to("guard", "Regex", "/app/admin(/.*)?"),
                                 to("open", "Regex", "/app(/.*)?", replaced("ReplaceRegexMatch", r"/\1", regex="^/app/?(.*)$"))),), base="/app"),
    "regex moves parts": Kind((gate("regex-moves-parts", to("guard", "Prefix", "/app/admin"),
                                    to("open", "Prefix", "/app", replaced("ReplaceRegexMatch", r"/data/\1/of", regex="^/app(?:/(.*))?$"))),),
                              base="/app", root="/data"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with Origins("open", "guard") as origins:
        folder = Folder(tmp_path_factory.mktemp("spellings"))
        services = [item for name, port in origins.ports.items() for item in served(name, port)]
        folder.write("all.yaml", *services, *(one for kind in KINDS.values() for one in kind.objects))
        with Gateway(folder) as gateway:
            yield gateway


def targets(spellings, kind):
    """Behind the base of the kind, and behind the authority where the spelling has one."""
    for spelling in spellings:
        authority, rest = re.fullmatch("(.*HOST(?::80)?|)(.*)", spelling, re.DOTALL).groups()
        yield spelling, authority + kind.base + (rest.removeprefix("/") if kind.joins else rest)


def by_http1(gateway, host, target):
    with Client(gateway.address) as client:
        client.send(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode("latin-1"))
        return client.read_response()


def by_http2(gateway, host, target):
    with H2Client(gateway.address) as client:
        return client.ask(request_fields("GET", host, target))


def opened(gateway, host, target, ask=by_http1):
    """The target that the open backend got; None when the guard or the gateway itself answered."""
    response = ask(gateway, host, target.replace("HOST", host))
    if response.status != 200:
        assert response.status in (400, 404, 505) or response.reset == PROTOCOL_ERROR, (target, response)
        return None
    told = json.loads(response.body)
    return told["path"] if told["service"] == "open" else None


def bypasses(gateway, name, spellings, ask, **lenience):
    """Spelling by spelling, what came to the open backend and how it could be read."""
    kind = KINDS[name]
    found = {}
    for spelling, target in targets(spellings, kind):
        got = opened(gateway, name.replace(" ", "-") + ".test", target, ask)
        read = [] if got is None else [one for one in readings(got, **lenience) if kind.is_bypass(one)]
        if read:
            found[spelling] = (target, got, read)
    return found


BY_EITHER = pytest.mark.parametrize("ask", [by_http1, by_http2], ids=["HTTP/1.1", "HTTP/2"])


def test_there_are_enough_spellings():
    assert len(PLAIN) >= 200 and len(set(PLAIN + PARAMETERS + TWICE)) == len(PLAIN) + len(PARAMETERS) + len(TWICE)


@pytest.mark.parametrize("name", KINDS)
def test_the_guard_and_the_open_backend_are_where_they_should_be(world, name):
    kind, host = KINDS[name], name.replace(" ", "-") + ".test"
    (_, admin), (_, other) = targets(["/admin", "/other"], kind)
    assert opened(world, host, admin) is None
    got = opened(world, host, other)
    assert got is not None and got.startswith(kind.root) and not any(kind.is_bypass(one) for one in readings(got))


@pytest.mark.parametrize("got", ["/admin", "/admin/users", "/%61dmin", "/x/../admin", "/x/%2e%2e/admin", "//admin", "/x%2f..%2fadmin", "/x\\..\\admin", "/%5cadmin",
                                 "/admin;x", "/x/..;/admin", "/admin%3bx", "/%2561dmin", "/x/%252e%252e%252fadmin", "/admin%00.html", "/x/..%5cadmin?a=b"])
def test_a_lenient_server_takes_these_for_admin(got):
    assert any(KINDS["gate prefix"].is_bypass(one) for one in readings(got))


@BY_EITHER
@pytest.mark.parametrize("name", KINDS)
def test_no_spelling_of_admin_comes_to_the_open_backend(world, name, ask):
    assert bypasses(world, name, PLAIN, ask) == {}


# Also without the exception, nothing else may be read into them.
@BY_EITHER
@pytest.mark.parametrize("name", KINDS)
def test_parameters_are_the_backends_own_reading(world, name, ask):
    assert bypasses(world, name, PARAMETERS, ask, parameters=KINDS[name].guards_parameters) == {}


@BY_EITHER
@pytest.mark.parametrize("name", KINDS)
def test_a_second_decoding_is_the_backends_own_reading(world, name, ask):
    assert bypasses(world, name, TWICE, ask, decodings=2 if KINDS[name].guards_twice else 1) == {}


# What the upstream gets has one form: asked for once more, it is the same path.
@pytest.mark.parametrize("name", ["gate prefix", "prefix taken off", "regex replaced"])
def test_what_the_open_backend_gets_is_canonical(world, name):
    for _, target in targets(PLAIN + PARAMETERS + TWICE, KINDS[name]):
        got = opened(world, name.replace(" ", "-") + ".test", target)
        if got is not None:
            asked = got.split("?")[0]
            assert asked == without_dots(asked) and "//" not in asked, (target, got)
            assert opened(world, "gate-prefix.test", got) == got, (target, got)
