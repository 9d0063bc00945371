# SPDX-License-Identifier: Apache-2.0
"""WebSocket through the gateway is what it is without it (reference: reliability-security.md W-1, S15): every case of the table, with
two peers that share nothing, directly and through the gateway."""
import json

import pytest
from folder import Folder, route, served
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


def one_host(peer):
    return [*served("web", peer.port), route(HOST, "web")]


@pytest.fixture(scope="module")
def gateway(peer, tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("websocket"))
    folder.write("web.yaml", *one_host(peer))
    with Gateway(folder) as one:
        yield one


@pytest.mark.parametrize("client", [Http1, Http2])
@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_case_is_as_with_the_peer_itself(peer, gateway, client, section):
    cases = list(SECTIONS[section]())
    assert len(cases) > 5
    for case in cases:
        with Http1(peer.address, HOST) as stream:
            check(case, *play(stream, case))
        with client(gateway.address, HOST) as stream:
            check(case, *play(stream, case))


def test_the_table_is_as_long_as_the_suite():
    numbers = [case.number for make in SECTIONS.values() for case in make()]
    assert len(numbers) == len(set(numbers)) > 280, len(numbers)


def test_a_sub_protocol_is_agreed_on_by_the_peers(peer, gateway):
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
