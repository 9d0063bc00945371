# SPDX-License-Identifier: Apache-2.0
"""The scenarios of the Ingress v1 conformance suite: default backend, host rules (with TLS), ingress class, load balancing and path
rules.
"""
import http.client
import json
import os

import pytest
from certificates import Authority, dial
from folder import Folder, described, ingress, path, rule, served
from gateway import Gateway, once_done
from origins import Origins
from raw_client import Client, request


class Served:
    """A gateway on a folder, in front of named origins."""

    def __init__(self, where, names, *objects, options=(), workers=1):
        self.folder = Folder(where)
        self.origins = Origins(*names)
        for name in names:
            self.folder.write(f"{name}.yaml", *served(name, self.origins.ports[name]))
        self.folder.write("ingress.yaml", *objects)
        self.gateway = Gateway(self.folder, *options, workers=workers)

    def ask(self, host, target="/", method="GET"):
        """(response, what the origin says it got)"""
        connection = http.client.HTTPConnection(*self.gateway.address, timeout=20)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host)
        connection.putheader("User-Agent", "scenario/1.0")
        connection.endheaders()
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, json.loads(body) if response.status == 200 else {}

    def service(self, host, target="/"):
        """The Service that answers, or the status of who answers instead."""
        response, said = self.ask(host, target)
        return said.get("service", response.status)

    def finish(self):
        self.gateway.finish()
        self.origins.close()


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    started = []

    def start(*arguments, **more):
        started.append(Served(tmp_path_factory.mktemp("served"), *arguments, **more))
        return started[-1]

    yield start
    for one in started:
        one.finish()


# default_backend

@pytest.fixture(scope="module")
def default_backend(serve):
    return serve(["echo-service"], ingress("default-backend", default="echo-service"))


@pytest.mark.parametrize(("method", "host", "target"), [
    ("GET", "", "/"), ("GET", "my-host", "/"), ("POST", "my-host", "/test"), ("PUT", "some-host.example", "/a/b/c"),
    ("DELETE", "my-host", "/test?a=b"), ("PATCH", "127.0.0.1", "/resource"),
])
def test_default_backend(default_backend, method, host, target):
    if host:
        response, said = default_backend.ask(host, target, method)
    else:
        response, said = default_backend.ask(f"127.0.0.1:{default_backend.gateway.address[1]}", target, method)
    assert (response.status, response.version) == (200, 11)
    assert all(response.getheader(name) for name in ("Content-Length", "Content-Type", "Date", "Server"))
    assert (said["service"], said["method"], said["path"], said["proto"]) == ("echo-service", method, target, "HTTP/1.1")
    assert said["headers"]["User-Agent"] == ["scenario/1.0"]


# host_rules

@pytest.fixture(scope="module")
def host_rules(serve, tmp_path_factory):
    named = served("foo-bar-com", 1)
    named[0]["spec"]["ports"][0]["name"] = "http"
    one = serve(["wildcard-foo-com", "foo-bar-com"],
                ingress("host-rules", rule("*.foo.com", path("/", "wildcard-foo-com")),
                        rule("foo.bar.com", path("/", "foo-bar-com", port="http")),
                        tls=[{"hosts": ["foo.bar.com"], "secretName": "conformance-tls"}]))
    one.folder.write("foo-bar-com.yaml", named[0], *[dict(item, ports=[{"port": one.origins.ports["foo-bar-com"], "name": "http"}])
                                                     for item in named[1:]])
    one.authority = Authority(tmp_path_factory.mktemp("authority"))
    one.folder.write("conformance-tls.yaml", one.authority.pair("foo.bar.com").secret("conformance-tls"))
    one.gateway.finish()
    one.gateway = Gateway(one.folder, tls=True)
    return one


@pytest.mark.parametrize(("host", "answer"), [
    ("bar.foo.com", "wildcard-foo-com"),
    ("baz.bar.foo.com", 404),
    ("foo.com", 404),
    ("foo.bar.com", "foo-bar-com"),
    ("subdomain.bar.com", 404),
    ("foo.bar.com.", "foo-bar-com"),
], ids=["wildcard", "wildcard-is-one-label", "wildcard-is-a-label", "exact-with-a-port-by-name", "other-host", "trailing-dot"])
def test_host_rules(host_rules, host, answer):
    assert host_rules.service(host) == answer


def test_host_rules_by_tls_with_the_certificate_of_the_secret(host_rules):
    dialled = dial(host_rules.authority.client(alpn=("http/1.1",)), "foo.bar.com")
    with Client(host_rules.gateway.tls_address, tls=dialled) as client:
        assert client.socket.getpeercert()["subjectAltName"] == (("DNS", "foo.bar.com"),)
        response = client.ask(request("GET", "foo.bar.com"))
    assert (response.status, json.loads(response.body)["service"]) == (200, "foo-bar-com")


# ingress_class

def test_ingress_class_that_nobody_owns_gets_no_status_and_no_traffic(serve):
    foreign = ingress("foreign", rule("foreign.test", path("/", "web")), of_class="some-invalid-class-name")
    one = serve(["web"], foreign, ingress("ours", rule("ours.test", path("/", "web"))))
    assert (one.service("foreign.test"), one.service("ours.test")) == (404, "web")
    _, said, _ = once_done("check", one.folder.path, "--output", "json")
    (verdict,) = [item for item in json.loads(said)["objects"] if item["name"] == "foreign"]
    assert (verdict["verdict"], verdict["status"]) == ("ignored", {})


# load_balancing

@pytest.mark.parametrize("workers", [1, 2])
def test_load_balancing_100_requests_reach_all_10_endpoints(tmp_path, workers):
    names = [f"pod-{number}" for number in range(10)]
    with Origins(*names) as origins:
        folder = Folder(tmp_path)
        folder.write("web.yaml", *served("web", *origins.ports.values()), ingress("web", rule("load-balancing", path("/", "web"))))
        with Gateway(folder, workers=workers) as gateway:
            reached = []
            for _ in range(100):
                connection = http.client.HTTPConnection(*gateway.address, timeout=20)
                connection.request("GET", "/", headers={"Host": "load-balancing"})
                reached.append(json.loads(connection.getresponse().read())["service"])
                connection.close()
    assert set(reached) == set(names)
    if workers == 1:
        assert all(reached.count(name) == 10 for name in names)


# path_rules

@pytest.fixture(scope="module")
def path_rules(serve):
    names = ["foo-exact", "foo-prefix", "foo-slash-exact", "aaa-prefix", "aaa-bbb-prefix", "slash-prefix", "consec-exact", "consec-prefix",
             "bbb-slash-prefix"]
    rules = [
        rule("exact-path-rules", path("/foo", "foo-exact", "Exact")),
        rule("prefix-path-rules", path("/foo", "foo-prefix"), path("/aaa/bbb", "aaa-bbb-prefix"), path("/aaa", "aaa-prefix")),
        rule("trailing-slash-path-rules", path("/aaa/bbb/", "bbb-slash-prefix"), path("/foo/", "foo-slash-exact", "Exact")),
        rule("mixed-path-rules", path("/foo", "foo-prefix"), path("/foo", "foo-exact", "Exact")),
    ]
    return serve(names, ingress("path-rules", *rules))


@pytest.mark.parametrize(("host", "target", "answer"), [
    ("exact-path-rules", "/foo", "foo-exact"),
    ("exact-path-rules", "/foo/", 404),
    ("exact-path-rules", "/FOO", 404),
    ("exact-path-rules", "/bar", 404),
    ("prefix-path-rules", "/foo", "foo-prefix"),
    ("prefix-path-rules", "/foo/", "foo-prefix"),
    ("prefix-path-rules", "/FOO", 404),
    ("prefix-path-rules", "/aaa/bbb", "aaa-bbb-prefix"),
    ("prefix-path-rules", "/aaa/bbb/ccc", "aaa-bbb-prefix"),
    ("prefix-path-rules", "/aaa/ccc", "aaa-prefix"),
    ("prefix-path-rules", "/aaaccc", 404),
    ("trailing-slash-path-rules", "/aaa/bbb", "bbb-slash-prefix"),
    ("trailing-slash-path-rules", "/aaa/bbb/", "bbb-slash-prefix"),
    ("trailing-slash-path-rules", "/foo", 404),
    ("mixed-path-rules", "/foo", "foo-exact"),
    ("mixed-path-rules", "/foo/bar", "foo-prefix"),
])
def test_path_rules(path_rules, host, target, answer):
    assert path_rules.service(host, target) == answer


# 5.3: beyond the suite

@pytest.fixture(scope="module")
def beyond(serve):
    names = ["exact", "wild", "any", "fallback", "old", "new", "ours", "specific", "resource"]
    resource = ingress("resource", rule("resource.test", path("/", "resource")))
    resource["spec"]["rules"][0]["http"]["paths"][0]["backend"] = {"resource": {"apiGroup": "a.test", "kind": "Bucket", "name": "b"}}
    objects = [
        ingress("hosts", rule("a.wide.test", path("/exact", "exact")), rule("*.wide.test", path("/", "wild"))),
        ingress("specific", rule("ports.test", path("/", "specific", "ImplementationSpecific"))),
        ingress("new", rule("tie.test", path("/", "new")), created="2026-03-01T00:00:00Z"),
        ingress("old", rule("tie.test", path("/", "old")), created="2026-02-01T00:00:00Z"),
        ingress("missing", rule("missing.test", path("/", "no-such-service"), path("/ok", "ours"))),
        ingress("port", rule("port.test", path("/", "ours", port=8080))),
        ingress("empty", rule("empty.test", path("/", "empty"))),
        ingress("own-default", rule("own-default.test", path("/only", "ours")), default="fallback"),
        resource,
        ingress("by-annotation", rule("annotation.test", path("/", "ours")), annotations={"kubernetes.io/ingress.class": "sallyport"}),
        ingress("foreign-annotation", rule("foreign.test", path("/", "ours")), annotations={"kubernetes.io/ingress.class": "nginx"}),
        ingress("by-class", rule("class.test", path("/", "ours")), of_class="sallyport"),
        described("networking.k8s.io/v1", "IngressClass", "sallyport") | {"spec": {"controller": "sallyport.dev/controller"}},
        described("v1", "Service", "empty") | {"spec": {"ports": [{"port": 80}]}},
    ]
    return serve(names, *objects)


@pytest.mark.parametrize(("host", "target", "answer"), [
    ("a.wide.test", "/exact", "exact"),
    ("a.wide.test", "/other", "wild"),
    ("b.wide.test", "/exact", "wild"),
    ("ports.test", "/any/path", "specific"),
    ("tie.test", "/", "old"),
    ("missing.test", "/", 503),
    ("missing.test", "/ok", "ours"),
    ("port.test", "/", 503),
    ("empty.test", "/", 503),
    ("own-default.test", "/only", "ours"),
    ("own-default.test", "/other", "fallback"),
    ("resource.test", "/", "fallback"),
    ("annotation.test", "/", "ours"),
    ("foreign.test", "/", "fallback"),
    ("class.test", "/", "ours"),
    ("nobody.test", "/", "fallback"),
], ids=["exact-host-first", "a-miss-falls-to-the-wildcard", "wildcard", "implementation-specific-is-a-prefix", "ties-go-to-the-oldest",
        "missing-service-is-503", "and-its-neighbour-works", "missing-port-is-503", "no-endpoints-is-503", "rule-before-default",
        "default-next-to-rules", "a-resource-backend-is-skipped", "class-by-annotation", "foreign-class-by-annotation", "class-by-name",
        "default-for-any-host"])
def test_beyond_the_suite(beyond, host, target, answer):
    assert beyond.service(host, target) == answer


def test_a_missing_secret_is_a_finding_and_the_host_is_served_in_cleartext(serve):
    secured = ingress("secured", rule("secured.test", path("/", "web")))
    secured["spec"]["tls"] = [{"hosts": ["secured.test"], "secretName": "secret"}]
    one = serve(["web"], secured)
    assert one.service("secured.test") == "web"
    assert any("SecretNotFound" in line and "secured" in line for line in one.gateway.errors.lines), one.gateway.errors.text()


def test_the_folder_may_hold_json_lists_and_directories(tmp_path):
    with Origins("web") as origins:
        os.makedirs(tmp_path / "objects/team/a")
        objects = [*served("web", origins.ports["web"]), ingress("web", rule("web.test", path("/", "web")))]
        (tmp_path / "objects/team/a/all.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        with Gateway(tmp_path / "objects") as gateway:
            connection = http.client.HTTPConnection(*gateway.address, timeout=20)
            connection.request("GET", "/", headers={"Host": "web.test"})
            assert json.loads(connection.getresponse().read())["service"] == "web"
            connection.close()
