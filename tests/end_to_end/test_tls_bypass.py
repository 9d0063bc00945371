# SPDX-License-Identifier: Apache-2.0
"""S12: attempts to be served by a host that asks for client certificates without having shown a good one. Each is made on a
full handshake and on a resumed one, whose session comes from a connection that its client may have.

A handshake that comes to nothing, 421 and 400 are fine; an answer of the origin is a bypass.
"""
import ssl

import pytest
from certificates import Authority
from h2_wire import H2Client
from raw_client import Client, request
from tls_world import REFUSED, World

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
BOTH = ((TLS12, TLS12), (TLS13, TLS13))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    where = tmp_path_factory.mktemp("bypass")
    one = World(where, "--default-certificate", "default/default")
    strange = Authority(where / "strangers", "clients")  # of the same name
    one.shows = {
        "nothing": None,
        "another CA's": one.others.pair("me", usage="clientAuth"),
        "one of a CA of the same name": strange.pair("me", usage="clientAuth"),
        "a server's": one.clients.pair("me", usage="serverAuth"),
        "the CA's of servers": one.authority.pair("me", usage="clientAuth"),
        "a good one": one.clients.pair("me", usage="clientAuth"),
    }
    yield one
    one.close()


class Attempt:
    """`name` is asked for in the handshake, `host` in the request; `first` is what the resumed session was made for."""

    def __init__(self, name, host="closed.test", shows="nothing", data=None, first="open.test", shred=0, before=None):
        self.name, self.host, self.shows, self.data = name, host, shows, data
        self.first, self.shred, self.before = first, shred, before


def raw(target, host, *fields):
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{''.join(field + chr(13) + chr(10) for field in fields)}\r\n".encode()


ATTEMPTS = {
    # Without a certificate, however the name is written.
    "nothing": Attempt("closed.test"),
    "upper-case": Attempt("CLOSED.TEST"),
    "mixed-case": Attempt("cLoSeD.tEsT"),
    "trailing-dot": Attempt("closed.test."),
    "wildcard": Attempt("a.wild.test", "a.wild.test"),
    "wildcard-upper-case": Attempt("A.WILD.TEST", "a.wild.test"),
    "wildcard-trailing-dot": Attempt("a.wild.test.", "a.wild.test"),
    "below-the-wildcard": Attempt("a.b.wild.test", "a.wild.test"),
    "the-wildcard-itself": Attempt("wild.test", "a.wild.test"),
    "missing-CA": Attempt("broken.test", "broken.test", "a good one"),
    "missing-CA-nothing-shown": Attempt("broken.test", "broken.test"),
    # With one that is not good.
    "CA-of-another-host": Attempt("closed.test", shows="another CA's"),
    "CA-of-the-same-name": Attempt("closed.test", shows="one of a CA of the same name"),
    "for-servers": Attempt("closed.test", shows="a server's"),
    "CA-of-servers": Attempt("closed.test", shows="the CA's of servers"),
    "good-for-another-host": Attempt("other.test", "other.test", "a good one"),
    "optional-and-bad": Attempt("optional.test", "closed.test", "another CA's"),
    # Shown where it is not asked for, or asked for where it does not matter.
    "good-where-nobody-asks": Attempt("open.test", shows="a good one"),
    "optional-without": Attempt("optional.test", first="optional.test"),
    "optional-with": Attempt("optional.test", "other.test", "a good one", first="optional.test"),
    # Another name in the handshake than in the request.
    "host": Attempt("open.test"),
    "host-upper-case": Attempt("open.test", "CLOSED.TEST"),
    "host-trailing-dot": Attempt("open.test", "closed.test."),
    "host-with-port": Attempt("open.test", "closed.test:443"),
    "host-with-another-port": Attempt("open.test", "closed.test:8443"),
    "host-of-wildcard": Attempt("open.test", "a.wild.test"),
    "neighbour-under-the-wildcard": Attempt("open.wild.test", "a.wild.test", first="open.wild.test"),
    "host-of-broken": Attempt("open.test", "broken.test"),
    "absolute-target": Attempt("open.test", data=raw("http://closed.test/", "closed.test")),
    "absolute-target-https": Attempt("open.test", data=raw("https://closed.test/", "open.test")),
    "absolute-target-upper-case": Attempt("open.test", data=raw("HTTPS://CLOSED.TEST:443/", "open.test")),
    "two-hosts": Attempt("open.test", data=raw("/", "open.test", "Host: closed.test")),
    "forwarded-host": Attempt("open.test", data=raw("/", "closed.test", "X-Forwarded-Host: open.test", "X-Forwarded-Proto: https")),
    "second-request": Attempt("open.test", before="open.test"),
    "HTTP/1.0": Attempt("open.test", data=b"GET / HTTP/1.0\r\nHost: closed.test\r\n\r\n"),
    "upgrade": Attempt("open.test", data=raw("/", "closed.test", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")),
    # No name, or one that nobody serves.
    "no-name": Attempt(None),
    "unknown-name": Attempt("nobody.test"),
    "name-with-more-behind": Attempt("closed.test.nobody.test"),
    # The handshake in pieces.
    "bytes": Attempt("closed.test", shred=-1),
    "records-of-a-byte": Attempt("closed.test", shred=1),
    "records-of-a-few-bytes": Attempt("closed.test", shred=7),
}


class Shredded:
    """TLS over a connected socket, whose first message goes out in records of `size` bytes, or -1: as one record, byte by byte."""

    def __init__(self, connected, context, name, session, size):
        self.socket, self.incoming, self.outgoing = connected, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name, session=session)
        self.size = size
        self.drive(self.tls.do_handshake)

    def drive(self, call):
        while True:
            try:
                return call()
            except ssl.SSLWantReadError:
                self.flush()
                more = self.socket.recv(65536)
                if not more:
                    raise ConnectionResetError from None
                self.incoming.write(more)
            finally:
                self.flush()

    def flush(self):
        data = self.outgoing.read()
        size, self.size = self.size if data else 0, 0 if data else self.size
        if size > 0:
            payload = data[5:]
            pieces = [payload[at:at + size] for at in range(0, len(payload), size)]
            data = b"".join(data[:3] + len(piece).to_bytes(2, "big") + piece for piece in pieces)
        for piece in [data[at:at + 1] for at in range(len(data))] if size else [data]:
            self.socket.sendall(piece)

    def sendall(self, data):
        self.tls.write(data)
        self.flush()

    def recv(self, size):
        try:
            return self.drive(lambda: self.tls.read(size))
        except ssl.SSLZeroReturnError:
            return b""

    def settimeout(self, seconds):
        self.socket.settimeout(seconds)

    def setsockopt(self, *what):
        self.socket.setsockopt(*what)

    def close(self):
        self.socket.close()


def session_for(world, attempt, versions):
    """Of a connection that this client may have."""
    with world.client(attempt.first, pair=world.shows[attempt.shows], versions=versions) as client:
        assert client.get(attempt.first).status == 200
        assert client.socket.session is not None
        return client.socket.session


def try_it(world, attempt, versions, session):
    pair = world.shows[attempt.shows]
    try:
        if attempt.shred:
            context = world.context(pair=pair, versions=versions)
            client = Client(world.gateway.tls_address, tls=lambda plain: Shredded(plain, context, attempt.name, session, attempt.shred))
        else:
            client = world.client(attempt.name, session, pair=pair, versions=versions)
        with client:
            if attempt.before:
                assert client.get(attempt.before).status == 200
            return client.ask(attempt.data or request("GET", attempt.host)).status
    except REFUSED:
        return "refused"


@pytest.mark.parametrize("kind", ATTEMPTS)
@pytest.mark.parametrize("resumed", [False, True], ids=["full", "resumed"])
def test_nobody_is_served_without_a_good_certificate(world, kind, resumed):
    attempt = ATTEMPTS[kind]
    for versions in BOTH:
        session = session_for(world, attempt, versions) if resumed else None
        assert try_it(world, attempt, versions, session) in ("refused", 400, 404, 421), (kind, versions)


def test_there_are_forty_of_them():
    assert len(ATTEMPTS) >= 40


@pytest.mark.parametrize("shred", [0, -1, 1, 7])
def test_the_same_attempts_succeed_with_a_good_one(world, shred):
    """Else the table above would say nothing."""
    for name, host in (("closed.test", "closed.test"), ("CLOSED.TEST", "closed.test"), ("a.wild.test", "a.wild.test"), ("closed.test", "CLOSED.TEST:443")):
        for versions in BOTH:
            assert try_it(world, Attempt(name, host, "a good one", shred=shred), versions, None) == 200, (name, host)


@pytest.mark.parametrize("versions", BOTH, ids=["1.2", "1.3"])
def test_a_session_of_a_good_one_is_good_for_that_host_only(world, versions):
    attempt = Attempt("closed.test", shows="a good one", first="closed.test")
    session = session_for(world, attempt, versions)
    assert try_it(world, attempt, versions, session) == 200
    assert try_it(world, Attempt("other.test", "other.test", "a good one"), versions, session) == "refused"
    assert try_it(world, Attempt("closed.test", "other.test", "a good one"), versions, session) == 421


STREAMS = {
    "authority": [(":authority", "closed.test")],
    "authority-upper-case": [(":authority", "CLOSED.TEST")],
    "authority-trailing-dot": [(":authority", "closed.test.")],
    "authority-with-port": [(":authority", "closed.test:443")],
    "authority-of-wildcard": [(":authority", "a.wild.test")],
    "authority-and-host": [(":authority", "open.test"), ("host", "closed.test")],
    "host-alone": [("host", "closed.test")],
    "userinfo": [(":authority", "open.test@closed.test")],
}


@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize("resumed", [False, True], ids=["full", "resumed"])
def test_no_stream_is_served_by_another_policy(world, kind, resumed):
    """Streams of one connection may name any host: RFC 9113 9.1.1 lets browsers try it."""
    for versions in BOTH:
        session = None
        if resumed:
            with world.client("open.test", kind=H2Client, alpn=("h2",), versions=versions) as first:
                assert first.get("open.test").status == 200
                session = first.socket.session
        with world.client("open.test", session, kind=H2Client, alpn=("h2",), versions=versions) as client:
            assert client.socket.session_reused == resumed
            assert client.get("open.test").status == 200
            fields = [(":method", "GET"), (":scheme", "https"), (":path", "/"), *sorted(STREAMS[kind], key=lambda one: one[0] == "host")]
            answered = client.ask(fields)
            assert answered.status in (None, 400, 421), answered
            if kind.startswith("authority") and "and" not in kind:
                assert answered.status == 421
            assert client.get("also.test").status == 200


@pytest.mark.parametrize("data", [request("GET", "closed.test"), request("GET", "a.wild.test"), request("GET", "broken.test"),
                                  request("GET", "closed.test", "/", "X-Forwarded-Proto: https", "X-Forwarded-Ssl: on")],
                         ids=["exact", "wildcard", "broken", "claims-to-be-TLS"])
def test_nobody_is_served_without_tls(world, data):
    with Client(world.gateway.address) as client:
        assert client.ask(data).status == 308


def test_nobody_is_served_without_tls_by_http2(world):
    with H2Client(world.gateway.address) as client:
        assert client.get("closed.test").status == 308
        assert client.get("open.test").status == 200
