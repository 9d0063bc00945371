# SPDX-License-Identifier: Apache-2.0
"""`sallyport echo`: what the conformance suite's echo server does over cleartext HTTP/1.1, and that it does so behind the gateway."""
import json
import re
import signal
import struct
import time

import pytest
from folder import Folder, route, served
from gateway import Echo, Gateway, once_done
from raw_client import Client, Ended, once, request
from recorder import listening
from test_h1_forwarding import ACCEPT, UPGRADE


@pytest.fixture(scope="module")
def echo():
    with Echo("shop", "space", "front") as one:
        yield one


@pytest.fixture(scope="module")
def behind(echo, tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("echo"))
    folder.write("web.yaml", *served("web", echo.address[1]), route("web.test", "web"))
    with Gateway(folder) as gateway:
        yield gateway


@pytest.fixture(params=["alone", "behind"])
def ask(request, echo, behind):
    """ask(bytes): the answer of the echo, alone and behind the gateway."""
    where = echo if request.param == "alone" else behind
    return lambda data, method="GET": once(where.address, data, method)


def test_it_says_what_arrived_and_who_it_is(ask, echo):
    response = ask(request("PUT", "web.test", "/a/b?c=d", "X-one-TWO: 1", "x-One-two: 2", body=b"hello"))
    assert (response.status, response.get("Content-Type"), response.get("X-Content-Type-Options")) == (200, "application/json", "nosniff")
    said = json.loads(response.body)
    assert (said["path"], said["host"], said["method"], said["proto"]) == ("/a/b?c=d", "web.test", "PUT", "HTTP/1.1")
    assert (said["namespace"], said["ingress"], said["service"], said["pod"]) == ("space", "front", "shop", "shop-0")
    assert said["headers"]["X-One-Two"] == ["1", "2"] and said["httpPort"] == str(echo.address[1])


def test_it_prints_a_line_for_each_request(echo):
    once(echo.address, request("GET", "web.test", "/printed?a=b"))
    line = echo.output.wait_for("/printed")
    assert re.fullmatch(r"Echoing back request made to /printed\?a=b to client \(127\.0\.0\.1:\d+\)", line)


def test_health(ask):
    response = ask(request("GET", "web.test", "/health"))
    assert (response.status, response.body) == (200, b"OK")


def test_the_largest_heads_that_a_gateway_lets_through_arrive(ask):
    many = [f"X-{number}: 1" for number in range(99)]  # with Host a hundred
    response = ask(request("GET", "web.test", "/many", *many))
    assert response.status == 200 and len([name for name in json.loads(response.body)["headers"] if name[2:].isdigit()]) == 99
    assert ask(request("GET", "web.test", "/large", "X-Large: " + "a" * 32_600)).status == 200


@pytest.mark.parametrize("status", [200, 204, 304, 404, 418, 503])
def test_a_status_that_is_asked_for(ask, status):
    assert ask(request("GET", "web.test", f"/status/{status}")).status == status


@pytest.mark.parametrize("status", ["abc", "0", "100", "600", ""])
def test_a_status_that_is_none(ask, status):
    assert ask(request("GET", "web.test", f"/status/{status}")).status == 400


def test_a_delay_that_is_asked_for(ask):
    begun = time.monotonic()
    assert ask(request("GET", "web.test", "/?delay=300ms")).status == 200
    assert time.monotonic() - begun >= 0.3


def test_fields_that_are_asked_for(ask):
    response = ask(request("GET", "web.test", "/", "X-Echo-Set-Header: X-A: b,X-C:d"))
    assert (response.get("X-A"), response.get("X-C")) == ("b", "d")


def test_fields_that_are_asked_for_cannot_split_the_answer(ask):
    response = ask(request("GET", "web.test", "/", "X-Echo-Set-Header: Content-Length:0,Transfer-Encoding:chunked, :b,(:c,nothing"))
    assert response.status == 200 and json.loads(response.body)["service"] == "shop"


def test_head(ask):
    response = ask(request("HEAD", "web.test"), "HEAD")
    assert response.status == 200 and int(response.get("Content-Length")) > 0


def test_retry_fails_as_often_as_asked(echo):
    target = "/retry/a?uuid=one&succeedAfter=2&responseCode=503"
    assert [once(echo.address, request("GET", "web.test", target)).status for _ in range(4)] == [503, 503, 200, 503]


def test_retry_without_a_code_resets(echo):
    target = "/retry/a?uuid=two&succeedAfter=1"
    with Client(echo.address) as client, pytest.raises(Ended):
        client.get("web.test", target)
    assert client.was_reset
    assert once(echo.address, request("GET", "web.test", target)).status == 200


def frame(opcode, payload):
    mask = b"\x01\x02\x03\x04"
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else b"\xfe" + struct.pack(">H", len(payload))
    return bytes([0x80 | opcode]) + size + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


@pytest.mark.parametrize("where", ["alone", "behind"])
def test_websocket(echo, behind, where):
    with Client((echo if where == "alone" else behind).address) as client:
        client.send(request("GET", "web.test", "/ws", *UPGRADE) + frame(1, b"early"))
        response = client.read_response_head()
        assert (response.status, response.get("Sec-WebSocket-Accept")) == (101, ACCEPT)
        assert client.take(7) == b"\x81\x05early"
        client.send(frame(2, b"x" * 300))
        assert client.take(304) == b"\x82\x7e\x01\x2c" + b"x" * 300
        client.send(frame(9, b"ping"))
        assert client.take(6) == b"\x8a\x04ping"
        client.send(frame(8, b"\x03\xe8"))
        assert client.take(4) == b"\x88\x02\x03\xe8"
        client.expect_end()


def test_ws_without_an_upgrade_is_400(ask):
    assert ask(request("GET", "web.test", "/ws")).status == 400


@pytest.mark.parametrize("listen", ["nowhere", "127.0.0.1", "127.0.0.1:70000"])
def test_an_address_that_is_none(listen):
    code, _, said = once_done("echo", "--listen", listen)
    assert code in (1, 2) and listen in said


def test_a_port_that_is_taken(echo):
    with listening(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, said = once_done("echo", "--listen", f"127.0.0.1:{port}")
    assert code == 1 and str(port) in said


@pytest.fixture
def ending():
    """ending(at_term): an echo, and a connection to it that it has had a request on when it gets TERM."""
    started = []

    def start(at_term):
        started.append(Echo(options=["--at-term", at_term]))
        client = Client(started[-1].address)
        assert client.get("web.test").status == 200
        return started[-1], client

    yield start
    for echo in started:
        assert echo.wait() == 0


def test_at_term_it_exits(ending):
    echo, client = ending("exit")
    echo.send_signal(signal.SIGTERM)
    client.expect_end()
    assert not client.was_reset


def test_at_term_it_resets(ending):
    echo, client = ending("reset")
    echo.send_signal(signal.SIGTERM)
    with pytest.raises(Ended):
        client.read_response_head()
    assert client.was_reset


def test_at_term_it_refuses_and_finishes(ending):
    echo, client = ending("refuse")
    client.send(request("GET", "web.test", "/?delay=300ms"))
    echo.output.wait_for("delay=300ms")
    echo.send_signal(signal.SIGTERM)
    assert client.read_response().closes
    client.expect_end()
    assert echo.wait() == 0
    with pytest.raises(ConnectionRefusedError):
        Client(echo.address)


def test_at_term_it_drains_and_takes_who_still_comes(ending):
    echo, client = ending("drain")
    client.send(request("GET", "web.test", "/?delay=300ms"))
    echo.output.wait_for("delay=300ms")
    echo.send_signal(signal.SIGTERM)
    late = once(echo.address, request("GET", "web.test", "/late"))
    assert (late.status, late.closes) == (200, True)
    assert client.read_response().closes


def test_what_term_means_is_one_of_four():
    code, _, said = once_done("echo", "--listen", "127.0.0.1:0", "--at-term", "vanish")
    assert code == 2 and "--at-term" in said
