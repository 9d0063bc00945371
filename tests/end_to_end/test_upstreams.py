# SPDX-License-Identifier: Apache-2.0
"""How endpoints are spoken to (docs/upstreams.md): HTTP/2 in cleartext, TLS with either version, verified; origins of our own that
note what comes, and servers of Debian."""
import contextlib
import hashlib
import json
import os
import re
import socket
import ssl
import subprocess
import time
import urllib.request

import pytest
from certificates import Authority, authority_secret, secret, served_by
from folder import described, route, served
from gateway import Echo, Gateway
from noting_origins import BODY, H1Origin, H2Origin
from raw_client import DEADLINE

NAME = "web.default.svc"
PAGE = hashlib.shake_128(b"a page").digest(3 * 1024 * 1024)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def over_tls(kind, context):
    class OverTls(kind):
        def converse(self, accepted, noted):
            super().converse(served_by(context)(accepted), noted)

    return OverTls()


def curl(gateway, *arguments, path="/"):
    """(status, body)"""
    said = subprocess.run(["curl", "-sS", "-H", "Host: web.test", "-w", "\n%{http_code}", *arguments, gateway.url(path)],
                          capture_output=True, timeout=60, check=True).stdout
    body, _, status = said.rpartition(b"\n")
    return int(status), body


def gateway_for(folder, port, protocol, annotations=None, *more, **options):
    folder.write("web.yaml", *served("web", port, protocol=protocol, annotations=annotations), route("web.test", "web"), *more)
    return Gateway(folder, access_log="-", **options)


@pytest.mark.parametrize("protocol", ["kubernetes.io/h2c", "grpc"])
def test_http2_in_cleartext(folder, protocol):
    with Echo() as echo, gateway_for(folder, echo.address[1], protocol) as gateway:
        status, body = curl(gateway, path="/a?b=c")
        said = json.loads(body)
        assert (status, said["path"], said["host"], said["proto"]) == (200, "/a?b=c", "web.test", "HTTP/2.0")
        status, body = curl(gateway, "--data-binary", "x" * 100_000)
        assert (status, json.loads(body)["method"]) == (200, "POST")
        assert curl(gateway, "-I")[0] == 200


def metric(gateway, name):
    with urllib.request.urlopen(f"http://{gateway.health[0]}:{gateway.health[1]}/metrics", timeout=20) as page:
        text = page.read().decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (.*)$", text, re.MULTILINE))


@contextlib.contextmanager
def running(port, *command):
    """A server of Debian, once it takes connections."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: process.poll() is None and answers(port))
            yield
        finally:
            process.terminate()


def answers(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    """Outside of those that connections are given, so that none of them takes it meanwhile."""
    for port in range(20000 + os.getpid() % 1000 * 10, 32000):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("every port is taken")


NGINX = """
daemon off; master_process off; pid {where}/nginx.pid; error_log {where}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {where}; proxy_temp_path {where}; fastcgi_temp_path {where}; uwsgi_temp_path {where}; scgi_temp_path {where};
  server {{
    listen 127.0.0.1:{port} {how}; root {where}; client_max_body_size 0;
    ssl_certificate {pair.certificate_file}; ssl_certificate_key {pair.key_file};
  }}
}}
"""


@pytest.mark.parametrize("how, protocol", [("ssl http2", "https"), ("ssl", "https"), ("ssl", "kubernetes.io/wss"),
                                           ("http2", "kubernetes.io/h2c"), ("", None)])
def test_nginx(folder, authority, tmp_path, how, protocol):
    where, port, pair = tmp_path / "nginx", free_port(), authority.pair(NAME)
    where.mkdir()
    (where / "page").write_bytes(PAGE)
    (where / "nginx.conf").write_text(NGINX.format(where=where, port=port, how=how, pair=pair))
    wanted = {"sallyport.dev/upstream-ca": "authorities"} if how.startswith("ssl") else None
    with running(port, "nginx", "-p", str(where), "-c", str(where / "nginx.conf"), "-e", str(where / "error.log")):
        with gateway_for(folder, port, protocol, wanted, authority_secret("authorities", authority)) as gateway:
            for _ in range(3):
                assert curl(gateway, path="/page") == (200, PAGE)
            assert curl(gateway, path="/none")[0] == 404
            assert metric(gateway, "sallyport_connects_total") == 1


@pytest.mark.parametrize("tls", [True, False])
def test_nghttpd(folder, authority, tmp_path, tls):
    where, port, pair = tmp_path / "pages", free_port(), authority.pair(NAME)
    where.mkdir()
    (where / "page").write_bytes(PAGE)
    how = (str(pair.key_file), str(pair.certificate_file)) if tls else ("--no-tls",)
    wanted = {"sallyport.dev/upstream-ca": "authorities"} if tls else None
    with running(port, "nghttpd", "-a", "127.0.0.1", "-d", str(where), "--echo-upload", str(port), *how):
        with gateway_for(folder, port, "https" if tls else "kubernetes.io/h2c", wanted,
                         authority_secret("authorities", authority)) as gateway:
            assert curl(gateway, path="/page") == (200, PAGE)
            (tmp_path / "upload").write_bytes(PAGE)
            assert curl(gateway, "--data-binary", f"@{tmp_path / 'upload'}", path="/page") == (200, PAGE)
            assert curl(gateway, path="/none")[0] == 404
            assert metric(gateway, "sallyport_connects_total") == 1


def until(holds):
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline


def test_many_requests_share_few_connections(folder):
    with Echo() as echo, gateway_for(folder, echo.address[1], "kubernetes.io/h2c") as gateway:
        done = subprocess.run(["h2load", "-n", "3000", "-c", "10", "-m", "20", "-H", ":authority: web.test", gateway.url()],
                              capture_output=True, text=True, timeout=60, check=True)
        assert "3000 succeeded" in done.stdout, done.stdout
        assert metric(gateway, "sallyport_connects_total") <= 5  # 200 at a time, 100 on each


def test_tls_is_verified_by_authorities_of_its_own(folder, authority):
    context = authority.server(authority.pair(NAME), alpn=("h2", "http/1.1"))
    wanted = {"sallyport.dev/upstream-ca": "authorities"}
    with over_tls(H2Origin, context) as origin:
        with gateway_for(folder, origin.port, "https", wanted, authority_secret("authorities", authority)) as gateway:
            answer = curl(gateway, "--max-time", "5")
            assert (answer, origin.faults) == ((200, BODY), [])
            assert [(one.method, one.authority) for one in origin.arrivals] == [("GET", "web.test")]
            line = json.loads(gateway.output.wait_for('"status"'))
            assert line["status"] == 200


def test_tls_falls_back_to_http1(folder, authority):
    context = authority.server(authority.pair(NAME), alpn=("http/1.1",))
    authorities = described("v1", "ConfigMap", "authorities") | {"data": {"ca.crt": authority.certificate}}
    wanted = {"sallyport.dev/upstream-ca": "configmap/authorities"}
    with over_tls(H1Origin, context) as origin:
        with gateway_for(folder, origin.port, "https", wanted, authorities) as gateway:
            for _ in range(3):
                assert curl(gateway) == (200, BODY)
            assert metric(gateway, "sallyport_connects_total") == 1


BAD = {
    "another authority": ((NAME,), {}, {}),
    "another name": (("other.default.svc",), {"sallyport.dev/upstream-ca": "authorities"}, {}),
    "for clients": ((NAME,), {"sallyport.dev/upstream-ca": "authorities"}, {"usage": "clientAuth"}),
    "another server name": ((NAME,), {"sallyport.dev/upstream-ca": "authorities",
                                      "sallyport.dev/upstream-server-name": "api.test"}, {}),
    "none of the names": ((NAME,), {"sallyport.dev/upstream-ca": "authorities", "sallyport.dev/upstream-sans": "a.test, b.test"}, {}),
}


@pytest.mark.parametrize("case", BAD)
def test_a_certificate_that_is_not_to_be_trusted(folder, authority, case):
    names, annotations, how = BAD[case]
    context = authority.server(authority.pair(*names, **how))
    with over_tls(H1Origin, context) as origin:
        with gateway_for(folder, origin.port, "https", annotations, authority_secret("authorities", authority)) as gateway:
            assert curl(gateway)[0] == 502
            assert json.loads(gateway.output.wait_for('"status"'))["error"] == "upstream_untrusted"
            assert origin.arrivals == []


def test_names_that_are_asked_for_and_accepted(folder, authority):
    context = authority.server(authority.pair("b.test"))
    annotations = {"sallyport.dev/upstream-ca": "authorities", "sallyport.dev/upstream-sans": "a.test, b.test"}
    with over_tls(H2Origin, context) as origin:
        with gateway_for(folder, origin.port, "https", annotations, authority_secret("authorities", authority)) as gateway:
            assert curl(gateway)[0] == 200


class Asking(H1Origin):
    """Wants to see a certificate, and says whose it was."""

    def __init__(self, context):
        self.context, self.seen = context, []
        super().__init__()

    def converse(self, accepted, noted):
        connection = served_by(self.context)(accepted)
        self.seen.append([value for _, value in connection.getpeercert()["subjectAltName"]])
        super().converse(connection, noted)


@pytest.mark.parametrize("alpn", ["h2", "http/1.1"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_an_endpoint_that_asks_who_we_are(folder, authority, tmp_path, alpn, version):
    """None, one of somebody else, and the right one; and each change of it makes new connections."""
    context = authority.server(authority.pair(NAME), alpn=(alpn,), asks_for_client=True)
    context.minimum_version = context.maximum_version = version
    others = Authority(tmp_path / "others", "others")
    wrong, ours = (one.pair("gateway.test", usage="clientAuth") for one in (others, authority))
    wanted = {"sallyport.dev/upstream-ca": "authorities"}
    shown = wanted | {"sallyport.dev/upstream-client-certificate": "ours"}
    with over_tls({"h2": H2Origin, "http/1.1": H1Origin}[alpn], context) as origin:
        with gateway_for(folder, origin.port, "https", wanted, authority_secret("authorities", authority)) as gateway:
            def with_pair(annotations, *secrets):
                before = metric(gateway, "sallyport_config_version")
                folder.write("web.yaml", *served("web", origin.port, protocol="https", annotations=annotations), route("web.test", "web"),
                             authority_secret("authorities", authority), *secrets)
                until(lambda: metric(gateway, "sallyport_config_version") > before)
                return curl(gateway)[0]

            assert curl(gateway)[0] == 502
            assert with_pair(shown, wrong.secret("ours")) == 502
            for line in gateway.output.wait_until(lambda lines: len(lines) == 2):
                assert json.loads(line)["error"] == "upstream_tls"
            assert with_pair(shown, ours.secret("ours")) == 200
            assert with_pair(wanted) == 502
    assert len(origin.arrivals) == 1


def test_a_new_certificate_of_ours_takes_effect_and_a_broken_one_does_not(folder, authority):
    first, second = (authority.pair(name, usage="clientAuth") for name in ("first.test", "second.test"))
    wanted = {"sallyport.dev/upstream-ca": "authorities", "sallyport.dev/upstream-client-certificate": "ours"}
    context = authority.server(authority.pair(NAME), alpn=("http/1.1",), asks_for_client=True)
    with Asking(context) as origin:
        with gateway_for(folder, origin.port, "https", wanted, authority_secret("authorities", authority)) as gateway:
            assert curl(gateway)[0] == 503  # there is no such Secret yet
            for pair in (first, second):
                before = metric(gateway, "sallyport_config_version")
                folder.write("ours.yaml", pair.secret("ours"))
                until(lambda: metric(gateway, "sallyport_config_version") > before)
                assert [curl(gateway)[0] for _ in range(2)] == [200, 200]
            folder.write("ours.yaml", secret("ours", second.certificate, first.key))
            until(lambda: metric(gateway, "sallyport_objects_last_good") == 1)
            assert curl(gateway)[0] == 200
    assert origin.seen == [["first.test"], ["second.test"]]


def test_without_verification_anybody_is_taken(folder, authority):
    context = authority.server(authority.pair("whoever.test"))
    with over_tls(H1Origin, context) as origin:
        with gateway_for(folder, origin.port, "kubernetes.io/wss", {"sallyport.dev/upstream-verify": "off"}) as gateway:
            assert curl(gateway) == (200, BODY)


def test_an_origin_without_tls(folder):
    with Echo() as echo, gateway_for(folder, echo.address[1], "https", {"sallyport.dev/upstream-verify": "off"}) as gateway:
        assert curl(gateway)[0] == 502
        assert json.loads(gateway.output.wait_for('"status"'))["error"] == "upstream_tls"


def test_a_change_of_authorities_makes_new_connections(folder, authority, tmp_path):
    other = Authority(tmp_path / "other")
    context = authority.server(authority.pair(NAME), alpn=("http/1.1",))
    wanted = {"sallyport.dev/upstream-ca": "authorities"}
    with over_tls(H1Origin, context) as origin:
        with gateway_for(folder, origin.port, "https", wanted, authority_secret("authorities", authority)) as gateway:
            assert curl(gateway)[0] == 200
            before = metric(gateway, "sallyport_config_version")
            folder.write("web.yaml", *served("web", origin.port, protocol="https", annotations=wanted), route("web.test", "web"),
                         authority_secret("authorities", other))
            until(lambda: metric(gateway, "sallyport_config_version") > before)
            assert curl(gateway)[0] == 502


def test_what_leads_nowhere_is_closed(folder):
    with H1Origin() as origin:
        with gateway_for(folder, origin.port, "https", {"sallyport.dev/upstream-ca": "nobody"}) as gateway:
            assert curl(gateway)[0] == 503
            assert origin.raw == []
