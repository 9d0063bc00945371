# SPDX-License-Identifier: Apache-2.0
"""TERM and INT: what runs is finished, what is idle is closed, and the program ends with 0."""
import signal

import pytest
from folder import route, served
from gateway import Gateway
from raw_client import Client, once, request
from recorder import Recorder
from test_h1_forwarding import SWITCHED, UPGRADE

pytestmark = pytest.mark.threaded


@pytest.fixture
def origin():
    with Recorder() as one:
        yield one


@pytest.fixture
def start(folder, origin):
    """start("--option", …): a gateway in front of the origin."""
    folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
    started = []

    def give(*options):
        started.append(Gateway(folder, *options, workers=2))
        return started[-1]

    yield give
    for gateway in started:
        gateway.kill()


def half_answered(gateway, origin):
    """A client that has got half of an answer, and the origin's connection."""
    client = Client(gateway.address)
    client.send(request("GET", "web.test"))
    connection, _ = origin.request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
    assert client.read_response_head().status == 200
    return client, connection


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_slow_answer_is_finished_before_the_end(start, origin, number):
    gateway = start()
    client, connection = half_answered(gateway, origin)
    with Client(gateway.address) as idle:
        gateway.send_signal(number)
        idle.expect_clean_end()  # which says that draining has begun
    with pytest.raises(ConnectionRefusedError):
        while True:  # the other worker may close its door a moment later
            Client(gateway.address).close()
    assert gateway.is_running()
    connection.send(b"world")
    assert client.take(10) == b"helloworld"
    client.expect_end()
    assert gateway.wait() == 0


def test_an_answer_that_begins_while_draining_says_close(start, origin):
    gateway = start()
    with Client(gateway.address) as client, Client(gateway.address) as idle:
        client.send(request("GET", "web.test"))
        connection, _ = origin.request()
        gateway.send_signal(signal.SIGTERM)
        idle.expect_clean_end()
        connection.answer(200, b"hello")
        response = client.read_response()
        assert response.body == b"hello" and response.closes
        client.expect_end()
    assert gateway.wait() == 0


def test_a_body_that_is_being_uploaded_is_finished(start, origin):
    gateway = start()
    with Client(gateway.address) as client, Client(gateway.address) as idle:
        client.send(request("POST", "web.test", "/", "Content-Length: 10") + b"hello")
        connection = origin.accept()
        connection.read_request_head()
        gateway.send_signal(signal.SIGTERM)
        idle.expect_clean_end()
        client.send(b"world")
        assert connection.take(10) == b"helloworld"
        connection.answer(200, b"done")
        assert client.read_response().body == b"done"
    assert gateway.wait() == 0


def test_a_second_signal_ends_at_once(start, origin):
    gateway = start()
    client, connection = half_answered(gateway, origin)
    with Client(gateway.address) as idle:
        gateway.send_signal(signal.SIGTERM)
        idle.expect_clean_end()
    gateway.send_signal(signal.SIGTERM)
    assert gateway.wait() in (0, 1, 143, -signal.SIGTERM)
    client.take_to_end()
    connection.expect_end()


def test_what_does_not_finish_is_cut_at_the_drain_timeout(start, origin):
    gateway = start("--drain-timeout", "1")
    client, connection = half_answered(gateway, origin)
    gateway.send_signal(signal.SIGTERM)
    assert client.take_to_end() == b"hello"
    connection.expect_end()
    assert gateway.wait() == 0


def test_a_tunnel_is_cut_at_the_drain_timeout(start, origin):
    gateway = start("--drain-timeout", "1")
    with Client(gateway.address) as client:
        client.send(request("GET", "web.test", "/", *UPGRADE))
        connection, _ = origin.request()
        connection.send(SWITCHED)
        assert client.read_response_head().status == 101
        gateway.send_signal(signal.SIGTERM)
        client.take_to_end()
        connection.expect_end()
    assert gateway.wait() == 0


def test_without_requests_the_end_comes_at_once(start):
    start().finish()


def test_a_lame_duck_is_not_ready_and_still_serves(start, origin):
    gateway = start("--lameduck", "2")
    assert once(gateway.health, request("GET", "localhost", "/readyz")).status == 200
    with Client(gateway.address) as kept:
        gateway.send_signal(signal.SIGTERM)
        while once(gateway.health, request("GET", "localhost", "/readyz")).status == 200:
            continue
        assert once(gateway.health, request("GET", "localhost", "/livez")).status == 200
        with Client(gateway.address) as client:
            client.send(request("GET", "web.test"))
            origin.serve(200, b"still")
            assert client.read_response().body == b"still"
        kept.expect_clean_end()
    assert gateway.wait() == 0
