# SPDX-License-Identifier: Apache-2.0
"""TLS with clients: which certificate is shown for which name, how it is renewed, and what a connection is good for."""
import hashlib
import json
import ssl

import pytest
from certificates import Authority, authority_secret, dial, encoded
from folder import Folder, ingress, path, route, rule, served
from gateway import Gateway, once_done
from h2_wire import H2Client
from origins import Origins
from raw_client import Client, once, request
from tls_world import REFUSED, World, closed, hello_of, shown

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    one = World(tmp_path_factory.mktemp("tls"), "--default-certificate", "default/default")
    yield one
    one.close()


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "authority")


@pytest.fixture
def origins():
    with Origins("web") as one:
        yield one


def web(origins, *hosts, secret="web", **more):
    """A Service, and an Ingress of these hosts with TLS."""
    return [*served("web", origins.ports["web"]),
            ingress("web", *(rule(host, path("/", "web")) for host in hosts), tls=[{"hosts": list(hosts), "secretName": secret}], **more)]


def told_of(response):
    """The fields that the origin got, each of which came once."""
    return {name: value for name, (value,) in json.loads(response.body)["headers"].items()}


def certificate_for(gateway, authority, name, **more):
    with Client(gateway.tls_address, tls=dial(authority.client(("http/1.1",), **more), name)) as client:
        return shown(client)


def test_the_certificate_is_the_one_of_the_name(folder, authority, origins):
    """Exact before wildcard; a wildcard stands for one label; a Secret without hosts by the names that are in it."""
    names = {"exact": ("shop.test",), "wild": ("*.wild.test",), "inside": ("inside.wild.test",), "san": ("by-san.test", "*.san.test")}
    pairs = {name: authority.pair(*hosts) for name, hosts in names.items()}
    tls = [{"hosts": ["shop.test"], "secretName": "exact"}, {"hosts": ["*.wild.test"], "secretName": "wild"},
           {"hosts": ["inside.wild.test"], "secretName": "inside"}, {"secretName": "san"}]
    hosts = ["shop.test", "*.wild.test", "inside.wild.test", "by-san.test", "a.san.test"]
    folder.write("web.yaml", *served("web", origins.ports["web"]), *(pair.secret(name) for name, pair in pairs.items()),
                 ingress("web", *(rule(host, path("/", "web")) for host in hosts), tls=tls))
    with Gateway(folder, tls=True) as gateway:
        for asked, expected in {"shop.test": "exact", "SHOP.test": "exact", "a.wild.test": "wild", "inside.wild.test": "inside",
                                "by-san.test": "san", "a.san.test": "san"}.items():
            assert tuple(certificate_for(gateway, authority, asked)) == names[expected], asked
        for asked in ("nobody.test", "a.b.wild.test", "wild.test", "shop.test.evil.test"):
            with pytest.raises(ssl.SSLError, match="unrecognized_name|UNRECOGNIZED_NAME"):
                certificate_for(gateway, authority, asked)


def test_the_default_certificate_is_for_names_that_nobody_spoke_of(folder, authority, origins):
    folder.write("web.yaml", *web(origins, "shop.test"), authority.pair("shop.test").secret("web"), authority.pair("default.test").secret("any"))
    with Gateway(folder, "--default-certificate", "default/any", tls=True) as gateway:
        context = authority.client(("http/1.1",))
        context.check_hostname = False
        for name in ("nobody.test", None):
            with Client(gateway.tls_address, tls=dial(context, name)) as client:
                assert shown(client) == ["default.test"]
                assert client.get("shop.test").status == 200
                assert client.get("nobody.test").status == 404


def test_a_default_certificate_that_is_missing_is_said(folder, authority, origins):
    options, missing = ("--default-certificate", "default/any"), "--default-certificate: there is no Secret default/any that can be used"
    folder.write("web.yaml", *web(origins, "shop.test"), authority.pair("shop.test").secret("web"))
    code, _, errors = once_done("check", folder.path, *options)
    assert (code, errors) == (0, f"sallyport check: {missing}\n")
    with Gateway(folder, *options, tls=True) as gateway:
        gateway.errors.wait_for(f"warning {missing}")
        folder.write("any.yaml", authority.pair("default.test").secret("any"))
        gateway.errors.wait_for("info --default-certificate: Secret default/any is there")
        said = len(gateway.errors.lines)
        folder.remove("any.yaml")
        gateway.errors.wait_for(f"warning {missing}", said)


def test_a_certificate_that_is_valid_comes_before_one_that_is_not_yet(folder, authority, origins):
    """Both have the name in them, and nobody says which; clients would refuse the one that lasts longer."""
    coming = authority.dated("shop.test", begin="20890101000000Z", end="20990101000000Z")
    past = authority.dated("old.test", begin="20200101000000Z", end="20210101000000Z")
    tls = [{"hosts": [f"{name}.test"], "secretName": name} for name in ("coming", "today", "past")]
    folder.write("web.yaml", *served("web", origins.ports["web"]), coming.secret("coming"), authority.pair("shop.test").secret("today"),
                 past.secret("past"), ingress("web", rule("shop.test", path("/", "web")), tls=tls))
    with Gateway(folder, tls=True) as gateway:
        gateway.errors.wait_for(r"warning certificate default/coming \(web.yaml:\d+\) is not valid before 2089-01-01T00:00:00Z, in \d+ days")
        gateway.errors.wait_for(r"warning certificate default/past \(web.yaml:\d+\) has expired \d+ days ago, at 2021-01-01T00:00:00Z")
        assert certificate_for(gateway, authority, "shop.test") == ["shop.test"], "which Python would not take if it were not valid"
    _, said, _ = once_done("check", folder.path)
    assert "certificate default/coming (web.yaml:" in said and "is not valid before 2089-01-01T00:00:00Z" in said, said


@pytest.mark.parametrize("versions", [(TLS12, TLS12), (TLS13, TLS13)], ids=["1.2", "1.3"])
def test_requests_go_on_and_say_that_they_came_by_tls(world, versions):
    with world.client("open.test", versions=versions) as client:
        for body in (b"", b"x" * 100_000):
            response = client.ask(request("POST", "open.test", "/a?b=c", body=body))
            assert response.status == 200
        said = told_of(response)
        assert (said["X-Forwarded-Proto"], said["X-Forwarded-Port"], said["X-Forwarded-Host"]) == ("https", "443", "open.test")
        assert json.loads(client.ask(request("GET", "open.test:443")).body)["host"] == "open.test", "443 is what https means"


@pytest.mark.parametrize(("offered", "chosen"), [(("h2", "http/1.1"), "h2"), (("http/1.1", "h2"), "h2"), (("http/1.1",), "http/1.1"), ((), None)])
def test_the_protocol_is_chosen_by_alpn(world, offered, chosen):
    with world.client("open.test", alpn=offered) as client:
        assert client.socket.selected_alpn_protocol() == chosen


def test_an_unknown_protocol_is_refused(world):
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        world.client("open.test", alpn=("ftp", "imap"))


@pytest.mark.parametrize("versions", [(TLS12, TLS12), (TLS13, TLS13)], ids=["1.2", "1.3"])
def test_a_session_is_resumed(world, versions):
    with world.client("open.test", versions=versions) as first:
        assert first.get("open.test").status == 200
        session = first.socket.session
    with world.client("open.test", versions=versions, session=session) as second:
        assert second.get("open.test").status == 200
        assert second.socket.session_reused
        assert (second.socket.session.id != session.id) == (versions[0] == TLS13), "a ticket of TLS 1.3 is used once"


def test_what_is_no_tls_is_closed(world):
    for data in (request("GET", "open.test"), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x00" * 100):
        with Client(world.gateway.tls_address) as client:
            client.send(data)
            client.expect_end()


def test_clients_show_what_the_host_asks_for(world):
    known, strange = world.clients.pair("me", usage="clientAuth"), world.others.pair("me", usage="clientAuth")
    for name, pair, expected in (("closed.test", None, "refused"), ("closed.test", known, 200), ("closed.test", strange, "refused"),
                                 ("optional.test", None, 200), ("optional.test", known, 200), ("optional.test", strange, "refused"),
                                 ("other.test", strange, 200), ("other.test", known, "refused"), ("open.test", known, 200),
                                 ("a.wild.test", None, "refused"), ("a.wild.test", known, 200), ("open.wild.test", None, 200),
                                 ("broken.test", known, "refused"), ("nobody.test", known, "refused"), (None, known, "refused")):
        for versions in ((TLS12, TLS12), (TLS13, TLS13)):
            assert world.asks(name, host=name or "open.test", pair=pair, versions=versions) == expected, (name, expected)


def test_who_is_revoked_is_not_let_in_and_a_new_list_counts_at_once(folder, authority, origins, tmp_path):
    clients = Authority(tmp_path / "clients", "clients")
    known, former = (clients.pair(name, usage="clientAuth") for name in ("known", "former"))

    def revoke(*pairs):
        folder.write("clients.yaml", authority_secret("clients", clients, revocations=clients.revocations(*pairs)))

    def connect(pair):
        return Client(gateway.tls_address, tls=dial(authority.client(("http/1.1",), pair), "shop.test"))

    def is_let_in(pair):
        try:
            with connect(pair) as client:
                return client.get("shop.test").status == 200
        except REFUSED:
            return False

    revoke(former)
    folder.write("web.yaml", *web(origins, "shop.test", annotations=closed("require", "clients")), authority.pair("shop.test").secret("web"))
    with Gateway(folder, tls=True) as gateway, connect(known) as lasting:
        assert lasting.get("shop.test").status == 200
        assert not is_let_in(former)
        revoke(known)
        assert any(not is_let_in(known) for _ in range(10_000))
        assert is_let_in(former)
        assert lasting.get("shop.test").status == 421, "it was made under the former list"


def test_a_request_for_a_host_of_another_policy_is_misdirected(world):
    """T-2: 421 tells the client to ask again on a connection that is made for that host; this one stays."""
    with world.client("open.test") as client:
        assert client.get("closed.test").status == 421
        assert client.get("open.test").status == 200
        assert client.get("also.test").status == 200, "made as for the first one"
        assert client.get("nobody.test").status == 404


@pytest.mark.parametrize("kind, alpn", [(Client, ("http/1.1",)), (H2Client, ("h2",))], ids=["http1", "http2"])
def test_a_connection_ends_when_what_it_was_made_under_has_changed(folder, authority, origins, tmp_path, kind, alpn):
    """For ever 421 for its own host would be of no use to anybody: the client has to come again."""
    first, second = Authority(tmp_path / "first", "first"), Authority(tmp_path / "second", "second")
    good = first.pair("me", usage="clientAuth")
    both = authority_secret("clients", first)
    both["data"]["ca.crt"] = encoded(first.certificate + second.certificate)
    folder.write("web.yaml", *web(origins, "shop.test", annotations=closed("require", "clients")), authority.pair("shop.test").secret("web"))
    folder.write("clients.yaml", authority_secret("clients", first))
    with Gateway(folder, tls=True) as gateway:
        with Client(gateway.tls_address, tls=dial(authority.client(("http/1.1",), good), "shop.test")) as watching:
            with kind(gateway.tls_address, tls=dial(authority.client(alpn, good), "shop.test")) as lasting:
                assert lasting.get("shop.test").status == 200
                folder.write("clients.yaml", both)
                while watching.get("shop.test").status == 200:
                    pass
                watching.expect_end()
                assert lasting.get("shop.test").status == 421
                lasting.wait_for_end() if kind is H2Client else lasting.expect_end()
        with kind(gateway.tls_address, tls=dial(authority.client(alpn, good), "shop.test")) as fresh:
            assert fresh.get("shop.test").status == 200


def test_a_host_that_asks_for_certificates_is_not_served_without_tls(world):
    for host, expected in (("closed.test", 308), ("a.wild.test", 308), ("broken.test", 308), ("open.wild.test", 200), ("open.test", 200)):
        assert once(world.gateway.address, request("GET", host)).status == expected, host


def test_a_renewed_certificate_is_shown_at_once_and_a_broken_one_never(folder, authority, origins):
    def write(pair):
        folder.write("secret.yaml", pair.secret("web"))

    def serial():
        with Client(gateway.tls_address, tls=dial(context, "shop.test")) as client:
            assert client.get("shop.test").status == 200
            return client.socket.getpeercert()["serialNumber"]

    context = authority.client(("http/1.1",))
    folder.write("web.yaml", *web(origins, "shop.test"))
    pairs = [authority.pair("shop.test") for _ in range(4)]
    write(pairs[0])
    with Gateway(folder, tls=True, workers=2) as gateway, Client(gateway.tls_address, tls=dial(context, "shop.test")) as lasting:
        seen = {serial()}
        for number, pair in enumerate(pairs[1:]):
            broken = pair.secret("web") | {"data": pairs[0].secret("web")["data"] | {"tls.crt": pair.secret("web")["data"]["tls.crt"]}}
            said = len(gateway.errors.lines)
            folder.write("secret.yaml", broken)
            gateway.errors.wait_for("Secret", said)
            assert serial() in seen, "a certificate and a key that do not belong together"
            write(pair)
            new = next(now for now in (serial() for _ in range(10_000)) if now not in seen)
            seen.add(new)
            assert lasting.get("shop.test", f"/{number}").status == 200, "connections that are there stay"
    assert len(seen) == len(pairs)


def test_what_is_asked_without_tls_may_be_sent_there(folder, authority, origins):
    folder.write("web.yaml", *web(origins, "shop.test", annotations={"sallyport.dev/https-redirect": "true"}),
                 *route_of_plain(), authority.pair("shop.test").secret("web"))
    with Gateway(folder, tls=True) as gateway:
        response = once(gateway.address, request("GET", "shop.test", "/a/b?c=d"))
        assert response.status == 308 and response.get("Location").startswith("https://shop.test")
        assert response.get("Location").endswith("/a/b?c=d")
        assert once(gateway.address, request("GET", "plain.test")).status == 200
        assert once_by_tls(gateway, authority, "shop.test").status == 200


def route_of_plain():
    return [route("plain.test", "web", name="plain")]


def once_by_tls(gateway, authority, name):
    with Client(gateway.tls_address, tls=dial(authority.client(("http/1.1",)), name)) as client:
        return client.get(name)


def test_a_host_that_asks_for_certificates_may_redirect(folder, authority, origins, tmp_path):
    clients = Authority(tmp_path / "clients", "clients")
    annotations = closed("require", "clients") | {"sallyport.dev/https-redirect": "true"}
    folder.write("web.yaml", *web(origins, "shop.test", annotations=annotations), authority.pair("shop.test").secret("web"),
                 authority_secret("clients", clients))
    with Gateway(folder, tls=True) as gateway:
        assert once(gateway.address, request("GET", "shop.test")).status == 308


def test_handshakes_have_deadlines_and_are_counted_and_told_of(folder, authority, origins):
    folder.write("web.yaml", *web(origins, "shop.test"), authority.pair("shop.test").secret("web"))
    limits = ("--limit", "hello-time=300", "--limit", "handshake-time=600")
    with Gateway(folder, *limits, tls=True, access_log="-") as gateway:
        assert once_by_tls(gateway, authority, "shop.test").status == 200
        with pytest.raises(REFUSED):
            once_by_tls(gateway, authority, "nobody.test")
        hello = hello_of(authority.client(), "shop.test")
        with Client(gateway.tls_address) as silent, Client(gateway.tls_address) as slow, Client(gateway.tls_address) as unfinished:
            slow.send(hello[:20])
            unfinished.send(hello)
            for one in (silent, slow):
                one.expect_end()
            unfinished.take_to_end()
        lines = [json.loads(line) for line in gateway.output.wait_until(lambda said: len(said) >= 5)]
        told = {(line["error_rule"], line.get("server_name")) for line in lines if line.get("error") == "handshake_failed"}
        assert {("unknown_name", "nobody.test"), ("timeout", "shop.test"), ("timeout", None)} <= told
        served_line = next(line for line in lines if "error" not in line)
        assert (served_line["server_name"], served_line["listener"], served_line["protocol"]) == ("shop.test", "https", "HTTP/1.1")
        assert served_line["tls"] == "TLSv1.3"
        said = once(gateway.health, request("GET", "127.0.0.1", "/metrics")).body.decode()
        for series in ('handshakes_total{kind="full"} 1', 'handshake_failures_total{reason="unknown_name"} 1',
                       'handshake_failures_total{reason="timeout"} 3'):
            assert f"sallyport_tls_{series}" in said, series


def test_the_log_says_by_which_certificate_a_client_was_let_in(tmp_path):
    world = World(tmp_path, access_log=tmp_path / "access.log")
    try:
        pair = world.clients.pair("me", usage="clientAuth")
        for versions in ((TLS12, TLS12), (TLS13, TLS13)):
            assert world.asks("closed.test", pair=pair, versions=versions) == 200
        assert world.asks("optional.test") == 200
    finally:
        world.close()
    lines = [json.loads(line) for line in (tmp_path / "access.log").read_text().splitlines()]
    told = [line.get("client_certificate") for line in lines if line["status"] == 200]
    fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pair.certificate)).hexdigest()
    assert told == [{"subject": "CN=me", "fingerprint": fingerprint}] * 2 + [None]


def test_a_source_is_counted_before_its_handshakes(folder, authority, origins):
    folder.write("web.yaml", *web(origins, "shop.test"), authority.pair("shop.test").secret("web"))
    with Gateway(folder, "--limit", "source-connections=2", tls=True) as gateway:
        silent = [Client(gateway.tls_address) for _ in range(2)]
        for one in silent:
            one.send(b"\x16")
        with Client(gateway.tls_address) as third:
            third.expect_end()
        for one in silent:
            one.close()


def test_draining_ends_connections_with_a_close_notify(folder, authority, origins):
    folder.write("web.yaml", *web(origins, "shop.test"), authority.pair("shop.test").secret("web"))
    with Gateway(folder, tls=True) as gateway:
        with Client(gateway.tls_address, tls=dial(authority.client(("http/1.1",)), "shop.test")) as idle:
            assert idle.get("shop.test").status == 200
            gateway.finish()
            idle.expect_clean_end()


def test_proxy_headers_come_before_the_handshake(folder, authority, origins):
    folder.write("web.yaml", *web(origins, "shop.test"), authority.pair("shop.test").secret("web"))
    with Gateway(folder, "--proxy-protocol", "strict", tls=True) as gateway:
        def behind(header):
            def wrap(connected):
                connected.sendall(header)
                return authority.client(("http/1.1",)).wrap_socket(connected, server_hostname="shop.test")
            return wrap

        with Client(gateway.tls_address, tls=behind(b"PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\r\n")) as client:
            said = told_of(client.get("shop.test"))
            assert (said["X-Forwarded-For"], said["X-Forwarded-Proto"]) == ("192.0.2.1", "https")
        with pytest.raises(REFUSED):
            Client(gateway.tls_address, tls=behind(b""))
