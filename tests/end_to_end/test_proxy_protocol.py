# SPDX-License-Identifier: Apache-2.0
"""The PROXY protocol, towards us and from us: who may say whose a connection is, and what becomes of it."""
import functools
import json
import shutil
import socket
import subprocess

import pytest
from certificates import Authority, authority_secret, served_by
from folder import route, served
from gateway import Gateway, once_done
from h2_frames import request_fields
from h2_wire import H2Client
from noting_origins import BODY, H1Origin, H2Origin
from proxy_header import LOCAL, PROXY, TCP4, TCP6, UDP4, UNIX, addresses, take_v2, tlv, v1, v2, with_checksum
from raw_client import DEADLINE, Client, request
from recorder import Recorder, listening

STRICT = ("--proxy-protocol", "strict")
TRUSTED = ("--proxy-protocol", "trusted", "--proxy-protocol-from", "127.0.0.2/32")
GET = request("GET", "web.test")


def forwarded(site, header, source=None, fields=()):
    """What the origin gets of a request behind this header."""
    client = site.client(source=source)
    client.send(header + site.request("GET", "/", *fields))
    arrived = site.origin.serve()
    assert client.read_response().status == 200
    return arrived


NAMING = {
    "v1": v1(),
    "v1-IPv6": v1("2001:db8::1", "2001:db8::2"),
    "v2": v2(),
    "v2-IPv6": v2(addresses("2001:db8::1", "2001:db8::2"), family=TCP6),
    "v2-with-TLVs": v2(addresses() + tlv(0x04, b"") + tlv(0xEA, b"x" * 900)),
    "v2-with-a-checksum": with_checksum(addresses()),
}


@pytest.mark.parametrize("kind", NAMING)
def test_the_client_is_whom_the_header_names(site_with, kind):
    arrived = forwarded(site_with(*STRICT), NAMING[kind])
    assert arrived.get("X-Forwarded-For") == ("2001:db8::1" if "IPv6" in kind else "192.0.2.1")
    assert (arrived.get("X-Forwarded-Port"), arrived.get("X-Forwarded-Proto")) == ("443", "http")


def test_a_balancer_that_ends_tls_says_so(site_with):
    arrived = forwarded(site_with(*STRICT), v2(addresses() + tlv(0x20, b"\x01" + bytes(4) + tlv(0x21, b"TLSv1.3"))))
    assert arrived.get("X-Forwarded-Proto") == "https"


@pytest.mark.parametrize("header", [v2(b"", LOCAL, 0), v2(addresses(), LOCAL)], ids=["bare", "with-addresses"])
def test_a_balancer_may_speak_for_itself(site_with, header):
    assert forwarded(site_with(*STRICT), header).get("X-Forwarded-For") == "127.0.0.1"


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN 192.0.2.1 203.0.113.9 1 2\r\n", v2(b"", PROXY, 0),
                                    v2(bytes(216), PROXY, UNIX), v2(addresses(), PROXY, UDP4)],
                         ids=["v1-UNKNOWN", "v1-UNKNOWN-with-addresses", "v2-UNSPEC", "v2-UNIX", "v2-UDP"])
def test_of_a_client_that_is_not_named_nothing_is_believed(site_with, header):
    site = site_with(*STRICT, "--trusted-proxies", "127.0.0.0/8")
    arrived = forwarded(site, header, fields=("X-Forwarded-For: 198.51.100.1", "X-Forwarded-Proto: https"))
    assert (arrived.get("X-Forwarded-For"), arrived.get("X-Forwarded-Proto")) == ("127.0.0.1", "http")


def test_who_carries_a_connection_lends_it_no_trust(site_with):
    """A-1: the balancer is trusted, the client that it names is not; and the other way about."""
    site = site_with(*STRICT, "--trusted-proxies", "127.0.0.0/8", "--trusted-proxies", "192.0.2.0/24")
    claims = ("X-Forwarded-For: 198.51.100.1", "X-Forwarded-Host: evil.test", "X-Real-IP: 10.0.0.1")
    arrived = forwarded(site, v1("203.0.113.200"), fields=claims)
    assert (arrived.get("X-Forwarded-For"), arrived.get("X-Forwarded-Host"), arrived.get("X-Real-IP")) == ("203.0.113.200", site.host, None)
    arrived = forwarded(site, v1("192.0.2.7"), fields=claims)
    assert (arrived.get("X-Forwarded-For"), arrived.get("X-Forwarded-Host")) == ("198.51.100.1, 192.0.2.7", "evil.test")


HOSTILE = {
    "nothing": GET,
    "a-TLS-hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "v1-in-lower-case": v1().lower() + GET,
    "v1-without-CR": v1().replace(b"\r", b"") + GET,
    "v1-with-two-spaces": v1().replace(b"TCP4 ", b"TCP4  ") + GET,
    "v1-leading-zero": v1("192.0.2.01") + GET,
    "v1-octal-port": v1().replace(b"443", b"0443") + GET,
    "v1-port-too-large": v1(ports=(1, 65536)) + GET,
    "v1-wrong-family": v1().replace(b"TCP4", b"TCP6") + GET,
    "v1-zone": v1("fe80::1%1", "::1") + GET,
    "v1-a-name": v1("localhost") + GET,
    "v1-too-long": b"PROXY UNKNOWN " + b"x" * 100 + b"\r\n" + GET,
    "v1-endless": b"PROXY UNKNOWN " + b"x" * 4000,
    "v1-with-CR-inside": b"PROXY UNKNOWN a\rb\r\n" + GET,
    "v2-version-3": v2(command=0x31) + GET,
    "v2-command": v2(command=0x22) + GET,
    "v2-family": v2(family=0x41) + GET,
    "v2-transport": v2(family=0x13) + GET,
    "v2-short": v2(addresses()[:11]) + GET,
    "v2-short-for-IPv6": v2(addresses(), family=TCP6) + GET,
    "v2-cut-TLV": v2(addresses() + b"\x04\x00\x09x") + GET,
    "v2-wrong-checksum": with_checksum(addresses(), wrong=1) + GET,
    "v2-too-long": v2(addresses() + tlv(0x04, bytes(3000))) + GET,
    "v2-broken-signature": b"\r\n\r\n\x00\r\nQUIT\r" + v2()[12:] + GET,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_header_closes_the_connection(site_with, kind):
    site = site_with(*STRICT)
    client = site.client()
    client.send(HOSTILE[kind])
    client.expect_end()


def test_a_second_header_is_no_request(site_with):
    site = site_with(*STRICT)
    client = site.client()
    client.send(v1() + v1("198.51.100.1") + site.request())
    client.expect_end()
    assert site.origin.has_connection() is False


def test_without_the_option_a_header_is_no_request(site):
    for header in (v1(), v2()):
        client = site.client()
        client.send(header + site.request())
        refusal = client.take_to_end()  # none, or an answer to what begins like a message
        assert refusal == b"" or refusal.startswith(b"HTTP/1.1 400 ")
    assert site.arrivals() == []


def test_trusted_addresses_must_write_one_and_others_must_not(site_with):
    site = site_with(*TRUSTED)
    assert forwarded(site, v1(), source="127.0.0.2").get("X-Forwarded-For") == "192.0.2.1"
    assert forwarded(site, b"").get("X-Forwarded-For") == "127.0.0.1"
    balancer = site.client(source="127.0.0.2")
    balancer.send(site.request())
    balancer.expect_end()
    stranger = site.client()
    stranger.send(v1() + site.request())
    stranger.expect_end()


def test_strict_lets_in_only_those_who_may_write_it_where_they_are_named(site_with):
    site = site_with(*STRICT, "--proxy-protocol-from", "127.0.0.2/32")
    assert forwarded(site, v2(), source="127.0.0.2").get("X-Forwarded-For") == "192.0.2.1"
    stranger = site.client()
    stranger.send(v2() + site.request())
    stranger.expect_end()


def test_who_believes_everybody_is_warned(folder):
    for more, expected in (((), True), (("--proxy-protocol-from", "127.0.0.2/32"), False)):
        with Gateway(folder, *STRICT, *more) as gateway:
            warned = any("--proxy-protocol strict without --proxy-protocol-from" in line for line in gateway.errors.lines)
        assert warned == expected, gateway.errors.text()
        code, _, said = once_done("check", folder.path, *STRICT, *more)
        assert (code, "believed about who the client is" in said) == (0, expected), said


def test_the_header_may_come_in_pieces(site_with):
    site = site_with(*STRICT)
    for header in (v1(), v2(addresses() + tlv(0xEA, b"y" * 40))):
        client = site.client()
        for at in range(len(header)):
            client.send(header[at:at + 1])
        client.send(site.request())
        assert site.origin.serve().get("X-Forwarded-For") == "192.0.2.1"
        assert client.read_response().status == 200


def test_its_deadline_is_that_of_a_head_and_bytes_do_not_move_it(folder):
    """And what became of such connections is counted."""
    with Recorder() as origin:
        folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
        with Gateway(folder, *STRICT, "--limit", "head-time=300", access_log="-") as gateway:
            with Client(gateway.address) as slow, Client(gateway.address) as silent:
                slow.send(v1()[:10])
                slow.expect_end()
                silent.expect_end()
            with Client(gateway.address) as hostile:
                hostile.send(GET)
                hostile.expect_end()
            with Client(gateway.health) as health:
                said = health.get("127.0.0.1", "/metrics").body.decode()
            assert 'sallyport_proxy_header_failures_total{reason="timeout"} 2' in said
            assert 'sallyport_proxy_header_failures_total{reason="malformed"} 1' in said
            with Client(gateway.address) as client:
                client.send(v1() + GET)
                origin.serve()
                assert client.read_response().status == 200
            line = json.loads(gateway.output.wait_until(lambda lines: lines)[0])
            assert (line["client"], line["peer"], line["status"]) == ("192.0.2.1", "127.0.0.1", 200)


def test_sources_are_those_that_headers_name(folder):
    with Recorder() as origin:
        folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
        options = (*STRICT, "--proxy-protocol-from", "127.0.0.0/8", "--limit", "source-connections=2")
        with Gateway(folder, *options) as gateway:
            clients = [Client(gateway.address) for _ in range(4)]
            for client, name in zip(clients, ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"), strict=True):
                client.send(v1(name) + GET)
                if client is not clients[2]:
                    origin.serve()
                    assert client.read_response().status == 200
            clients[2].expect_end()
            for client in clients:
                client.close()


def test_an_explanation_is_for_whom_the_header_names(site_with):
    site = site_with(*STRICT, "--explain-from", "192.0.2.0/24", "--explain-from", "127.0.0.0/8")
    for header, explains in ((v1(), True), (v1("198.51.100.1"), False), (b"PROXY UNKNOWN\r\n", False), (v2(b"", LOCAL, 0), True)):
        client = site.client()
        client.send(header + site.request())
        site.origin.serve()
        assert bool(client.read_response().all("X-Sallyport-Explain")) == explains, header


def test_draining_waits_no_longer_than_a_second_for_a_header(folder):
    folder.write("web.yaml", *served("web", 1), route("web.test", "web"))
    with Gateway(folder, *STRICT, "--drain-timeout", "600") as gateway:
        with Client(gateway.address) as silent:
            with Client(gateway.address) as known:  # so that the gateway has accepted the one before it
                known.send(v1() + request("GET", "nobody.test"))
                assert known.read_response().status == 404
            gateway.finish()
            silent.expect_end()


@pytest.mark.parametrize(("options", "word"), [
    (("--proxy-protocol", "trusted"), "--proxy-protocol-from"),
    (("--proxy-protocol-from", "10.0.0.0/8"), "--proxy-protocol strict or trusted"),
    (("--proxy-protocol", "optional"), "strict"),
    (("--proxy-protocol", "strict", "--proxy-protocol-from", "10.0.0.1/8"), "10.0.0.1/8"),
])
def test_options_that_say_nothing_whole_are_refused(folder, options, word):
    code, _, said = once_done("run", "--config", folder.path, *options)
    assert code == 2 and word in said


HAPROXY = """
defaults
    mode tcp
    timeout connect 5s
    timeout client 20s
    timeout server 20s
listen balancer
    bind fd@{fd}
    server gateway {address} {options}
"""


@pytest.mark.parametrize("options", ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id"])
def test_haproxy_as_the_balancer(site_with, tmp_path, options):
    site = site_with(*STRICT)
    config = tmp_path / "haproxy.cfg"
    with listening(("127.0.0.1", 0)) as door:
        config.write_text(HAPROXY.format(fd=door.fileno(), address="{}:{}".format(*site.gateway.address), options=options))
        haproxy = subprocess.Popen([shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", config], pass_fds=[door.fileno()])
        try:
            with Client(door.getsockname(), source="127.0.0.9") as client:
                client.send(site.request())
                assert site.origin.serve().get("X-Forwarded-For") == "127.0.0.9"
                assert client.read_response().status == 200
        finally:
            haproxy.kill()
            haproxy.wait(DEADLINE)


@pytest.fixture
def telling(folder):
    """telling("v1", "--option"): a gateway, and the origin behind it that is told."""
    started = []

    def start(version, *options, **service):
        origin = Recorder()
        folder.write("web.yaml", *served("web", origin.port, annotations={"sallyport.dev/upstream-proxy-protocol": version}, **service),
                     route("web.test", "web"))
        started.append((Gateway(folder, *options), origin))
        return started[-1]

    yield start
    for gateway, origin in started:
        origin.close()
        gateway.finish()


def test_an_upstream_is_told_by_version_1(telling):
    gateway, origin = telling("v1")
    with Client(gateway.address) as client:
        for _ in range(2):
            client.send(GET)
            connection = origin.accept()
            line = connection.take_until(b"\r\n").decode()
            here, there = client.socket.getsockname(), gateway.address
            assert line == f"PROXY TCP4 127.0.0.1 127.0.0.1 {here[1]} {there[1]}\r\n"
            assert connection.read_request().target == "/"
            connection.answer(body=b"told")
            assert client.read_response().body == b"told"
            connection.expect_end()  # one client's connection is for one request


def test_an_upstream_is_told_by_version_2_with_the_name_that_was_called(telling):
    gateway, origin = telling("v2")
    with Client(gateway.address) as client:
        client.send(GET)
        connection = origin.accept()
        command, family, named, local, tlvs = take_v2(connection)
        assert (command, family) == (PROXY, TCP4)
        assert (named, local) == (client.socket.getsockname(), gateway.address)
        assert tlvs == {2: b"web.test"}
        connection.read_request()
        connection.answer()
        assert client.read_response().status == 200


def test_an_upstream_is_told_whom_we_were_told(telling):
    """The client of a header, and then whom a trusted one names: of that one no port is known."""
    gateway, origin = telling("v2", *STRICT, "--trusted-proxies", "192.0.2.0/24")
    for fields, header, expected in (((), v1(), ("192.0.2.1", 56324)), (("X-Forwarded-For: 198.51.100.1",), v1(), ("198.51.100.1", 0)),
                                     ((), v1("2001:db8::1", "2001:db8::2"), ("2001:db8::1", 56324)),
                                     ((), v2(b"", LOCAL, 0), None), ((), b"PROXY UNKNOWN\r\n", None)):
        with Client(gateway.address) as client:
            client.send(header + request("GET", "web.test", "/", *fields))
            connection = origin.accept()
            command, _, named, local, _ = take_v2(connection)
            if header == b"PROXY UNKNOWN\r\n":
                assert (command, named) == (PROXY, None)
            elif expected is None:
                assert named[0] == "127.0.0.1"
            else:
                assert named == expected and local[1] == 443
            connection.read_request()
            connection.answer()
            assert client.read_response().status == 200


def test_no_client_is_served_on_the_connection_of_another(telling):
    gateway, origin = telling("v1", *STRICT)
    for number in (1, 2, 1):
        with Client(gateway.address) as client:
            client.send(v1(f"192.0.2.{number}") + GET)
            connection = origin.accept()
            assert connection.take_until(b"\r\n").split()[2] == f"192.0.2.{number}".encode()
            connection.read_request()
            connection.answer()
            assert client.read_response().status == 200


def told_before(kind, version, wrap=None):
    """An origin of this kind whose connections begin with a header, and are TLS behind it if `wrap` makes them so. `served` has, for
    each, the client that its header names, and what was asked there.
    """
    class Told(kind):
        def __init__(self):
            self.served = []
            super().__init__()

        def converse(self, accepted, noted):
            exact = Exact(accepted)
            named = exact.take_line().split()[2].decode() if version == "v1" else take_v2(exact)[2][0]
            one = kind.__new__(kind)
            one.arrivals = []
            self.served.append((named, one.arrivals))
            kind.converse(one, wrap(accepted) if wrap else accepted, noted)

    return Told()


class Exact:
    """Takes no byte more than it is asked for: what is behind is somebody else's."""

    def __init__(self, connected):
        self.socket = connected
        self.socket.settimeout(DEADLINE)

    def take(self, size):
        data = self.socket.recv(size, socket.MSG_WAITALL)
        assert len(data) == size, data
        return data

    def take_line(self):
        line = b""
        while not line.endswith(b"\r\n"):
            line += self.take(1)
        return line


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


SPOKEN = {"h2c": ("kubernetes.io/h2c", H2Origin, None), "HTTP/2 by TLS": ("https", H2Origin, ("h2",)),
          "HTTP/1.1 by TLS": ("https", H1Origin, ("http/1.1",)), "wss": ("kubernetes.io/wss", H1Origin, None)}


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("spoken", SPOKEN)
def test_the_header_comes_before_everything_else_and_no_connection_is_two_clients(folder, authority, spoken, version):
    """Many streams of two clients at once: each request has a connection of its own, whatever is spoken on it."""
    protocol, kind, alpn = SPOKEN[spoken]
    wrap = None if spoken == "h2c" else served_by(authority.server(authority.pair("web.default.svc"), alpn=alpn))
    annotations = {"sallyport.dev/upstream-proxy-protocol": version}
    if wrap:
        annotations["sallyport.dev/upstream-ca"] = "authorities"
    with told_before(kind, version, wrap) as origin:
        folder.write("web.yaml", *served("web", origin.port, protocol=protocol, annotations=annotations), route("web.test", "web"),
                     authority_secret("authorities", authority))
        with Gateway(folder, *STRICT) as gateway:
            named = ["192.0.2.1", "192.0.2.2"]
            clients = [H2Client(gateway.address, tls=functools.partial(greeted, name)) for name in named]
            streams = [(client, client.open(request_fields("GET", "web.test", f"/{at}"))) for at in range(5) for client in clients]
            for client, stream in streams:
                answer = client.answer(stream)
                assert (answer.status, answer.body) == (200, BODY)
            for client in clients:
                client.close()
        assert origin.faults == []
    assert sorted(name for name, _ in origin.served) == sorted(named * 5)
    for name, arrivals in origin.served:
        assert [one.get("x-forwarded-for") for one in arrivals] == [name]


def greeted(name, connected):
    connected.sendall(v1(name))
    return connected
