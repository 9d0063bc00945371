# SPDX-License-Identifier: Apache-2.0
"""WebSocket through the gateway is what it is without it (reference: reliability-security.md W-1, S15): every case of the table, with
two peers that share nothing, directly and through the gateway."""
import asyncio
import contextlib
import json

import pytest
from certificates import Authority, authority_secret, dial
from folder import Folder, ingress, path, route, rule, served
from gateway import Gateway
from websocket_cases import CLOSE, NORMAL, PING, SECTIONS, TEXT, Case, close, frame
from websocket_client import Frames, Http1, check, play
from websocket_h2 import Http2
from websocket_peers import PROGRAMS, Peer

HOST = "web.test"


@pytest.fixture(scope="module", params=sorted(PROGRAMS))
def peer(request):
    with Peer(request.param) as one:
        yield one


def one_host(peer, **more):
    return [*served("web", peer.port, **more), route(HOST, "web")]


@pytest.fixture(scope="module", params=["HTTP/1.1", "HTTP/2"])
def gateway(request, peer, tmp_path_factory):
    """One whose upstream speaks this version: the peer itself, or a second gateway that has the peer behind it."""
    with contextlib.ExitStack() as stack:
        folder = Folder(tmp_path_factory.mktemp("websocket"))
        folder.write("web.yaml", *one_host(peer))
        one = stack.enter_context(Gateway(folder))
        if request.param == "HTTP/2":
            folder = Folder(tmp_path_factory.mktemp("front"))
            folder.write("web.yaml", *served("web", one.address[1], protocol="kubernetes.io/h2c"), route(HOST, "web"))
            one = stack.enter_context(Gateway(folder))
        yield one


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_case_with_the_peer_itself(peer, section):
    cases = list(SECTIONS[section]())
    assert len(cases) > 5
    for case in cases:
        with Http1(peer.address, HOST) as stream:
            check(case, *play(stream, case))


@pytest.mark.parametrize("client", [Http1, Http2])
@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_case_is_as_with_the_peer_itself(gateway, client, section):
    for case in SECTIONS[section]():
        with client(gateway.address, HOST) as stream:
            check(case, *play(stream, case))


def test_the_table_is_as_long_as_the_suite():
    numbers = [case.number for make in SECTIONS.values() for case in make()]
    assert len(numbers) == len(set(numbers)) > 280, len(numbers)


def test_a_sub_protocol_is_agreed_on_by_the_peers(gateway):
    for offered, chosen in (("chat", "chat"), ("other, chat", "chat"), (None, None)):
        fields = [] if offered is None else [f"Sec-WebSocket-Protocol: {offered}"]
        with Http1(gateway.address, HOST, "/", *fields) as stream:
            assert stream.response.get("Sec-WebSocket-Protocol") == chosen


def test_bytes_of_both_directions_are_in_the_log_and_the_metrics(peer, folder, tmp_path):
    folder.write("web.yaml", *one_host(peer))
    log = tmp_path / "access.log"
    sent = frame(TEXT, b"hello")
    with Gateway(folder, access_log=log) as gateway:
        with Http1(gateway.address, HOST) as stream:
            events, code = play(stream, Case("bytes", sent, [("message", TEXT, b"hello")], closes=True))
        assert (events, code) == ([("message", TEXT, b"hello")], NORMAL)
    entry = json.loads(log.read_text())
    assert entry["status"] == 101, entry
    assert entry["received"] == len(sent + close()), entry
    assert entry["sent"] == len(b"\x81\x05hello") + len(b"\x88\x02\x03\xe8"), entry


def test_a_drain_sends_nothing_into_a_tunnel_and_lets_it_end_by_itself(peer, folder):
    folder.write("web.yaml", *one_host(peer))
    with Gateway(folder, "--drain-timeout", 60) as gateway:
        with Http1(gateway.address, HOST) as stream:
            gateway.send_signal(15)
            gateway.errors.wait_for("draining")
            stream.send(frame(PING, b"still here?"))
            frames = Frames(stream)
            assert frames.next() == (10, 1, b"still here?")
            stream.send(close())
            assert frames.next() == (CLOSE, 1, b"\x03\xe8")
            assert frames.next() is None
        assert gateway.wait() == 0


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module", params=sorted(PROGRAMS))
def tls_gateway(request, authority, tmp_path_factory):
    """TLS on both sides of it: wss to wss."""
    annotations = {"sallyport.dev/upstream-ca": "authorities"}
    tls = [{"hosts": [HOST], "secretName": "web"}]
    folder = Folder(tmp_path_factory.mktemp("wss"))
    with Peer(request.param, authority.pair("web.default.svc")) as peer:
        folder.write("web.yaml", *served("web", peer.port, protocol="kubernetes.io/wss", annotations=annotations),
                     ingress("web", rule(HOST, path("/", "web")), tls=tls), authority.pair(HOST).secret("web"),
                     authority_secret("authorities", authority))
        with Gateway(folder, tls=True) as gateway:
            yield gateway


@pytest.mark.parametrize("client", [Http1, Http2])
@pytest.mark.parametrize("section", ["1", "5", "7"])
def test_every_case_with_a_peer_behind_tls(tls_gateway, client, section):
    for case in SECTIONS[section]():
        with client(tls_gateway.address, HOST) as stream:
            check(case, *play(stream, case))


@pytest.mark.parametrize("client, protocol", [(Http1, "http/1.1"), (Http2, "h2")])
def test_tls_on_both_sides(tls_gateway, authority, client, protocol):
    more = {"scheme": "https"} if client is Http2 else {}
    with client(tls_gateway.tls_address, HOST, tls=dial(authority.client((protocol,)), HOST), **more) as stream:
        frames = Frames(stream)
        for text in (b"hello", b"x" * 30_000):
            stream.send(frame(TEXT, text))
            assert frames.next() == (TEXT, 1, text)
        stream.send(close())
        assert frames.next() == (CLOSE, 1, b"\x03\xe8")
        assert frames.next() is None


def test_a_client_of_a_library_by_tls(tls_gateway, authority):
    import websockets
    address, port = tls_gateway.tls_address
    here = {"host": address, "port": port, "ssl": authority.client(("http/1.1",)), "server_hostname": HOST}

    async def talk():
        async with websockets.connect(f"wss://{HOST}/", max_size=None, **here) as connection:
            for message in ("hello", b"\0" * 300_000):
                await connection.send(message)
                assert await connection.recv() == message
        return connection.close_code

    assert asyncio.run(asyncio.wait_for(talk(), 60)) == NORMAL
