# SPDX-License-Identifier: Apache-2.0
"""What a client can take of the gateway, and what happens then."""
import contextlib
import os
import select
import subprocess
import time

import pytest
from folder import route, served
from gateway import Gateway
from raw_client import DEADLINE, Client, once, request
from recorder import Recorder
from scale_metrics import await_metric, metrics

HALF = b"GET / HTTP/1.1\r\nHost: web.test\r\n"
REST = b"\r\n"


@pytest.fixture
def origin():
    with Recorder() as one:
        yield one


@pytest.fixture
def gateway_with(folder, origin):
    """A gateway with these options, whose host web.test leads to the origin."""
    started = []

    def give(*options, **more):
        folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
        started.append(Gateway(folder, *options, **more))
        return started[-1]

    yield give
    for one in started:
        one.finish()


def limits(**values):
    return [part for name, value in values.items() for part in ("--limit", f"{name.replace('_', '-')}={value}")]


def await_true(condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, f"it never came true: {what}"


# Readers

def taken(gateway, origin, most):
    """What a client gets of an endless answer that takes 2 KiB at a time, some 40 KiB a second, until it is cut or has `most`."""
    got = 0
    with Client(gateway.address, receive_buffer=4096) as client:
        client.send(request("GET", "web.test"))
        connection, _ = origin.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        connection.socket.setblocking(False)
        while got < most:
            try:
                select.select([connection.socket], [], [], 0.05)  # the client's pace; it is over when the gateway lets go
                with contextlib.suppress(BlockingIOError):
                    connection.socket.send(b"x" * 65536)
                got += len(client.socket.recv(2048))
            except ConnectionError:
                break
    return got


def test_a_reader_that_takes_less_than_the_rate_is_cut(gateway_with, origin):
    gateway = gateway_with(*limits(write_stall=1000, read_rate=1 << 30))
    assert taken(gateway, origin, 400_000) < 400_000


def test_a_reader_that_takes_little_and_no_less_than_the_rate_is_not_cut(gateway_with, origin):
    gateway = gateway_with(*limits(write_stall=1000, read_rate=1))
    assert taken(gateway, origin, 150_000) >= 150_000


# Sources

def refused(address, source):
    """The gateway ends the connection without a word."""
    with Client(address, source=source) as client:
        try:
            client.send(request("GET", "nobody.test", "/", "Connection: close"))
        except ConnectionError:
            return True
        return client.take_to_end() == b""


def test_one_source_has_as_many_connections_as_it_may(gateway_with):
    gateway = gateway_with("--trusted-proxies", "127.0.0.3/32", *limits(source_connections=2))
    with Client(gateway.address, source="127.0.0.1") as one, Client(gateway.address, source="127.0.0.1") as two:
        assert one.get("nobody.test").status == two.get("nobody.test").status == 404
        assert refused(gateway.address, "127.0.0.1")
        assert not refused(gateway.address, "127.0.0.2")
        proxied = [Client(gateway.address, source="127.0.0.3") for _ in range(5)]
        for client in proxied:
            assert client.get("nobody.test").status == 404
            client.close()
        assert metrics(gateway)["sallyport_connections_refused_total"] == 1
    await_metric(gateway, "sallyport_connections_open", 0)
    with Client(gateway.address, source="127.0.0.1") as again:
        assert again.get("nobody.test").status == 404


# Connections to endpoints

def test_at_the_cap_idle_connections_to_other_endpoints_make_room(gateway_with, folder, origin):
    with Recorder() as other:
        folder.write("other.yaml", *served("other", other.port), route("other.test", "other", "other"))
        gateway = gateway_with(*limits(upstream_connections=4))
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(Client(gateway.address)) for _ in range(4)]
            for client in clients[:3]:
                client.send(request("GET", "web.test"))
            for connection in [origin.request()[0] for _ in range(3)]:
                connection.answer()
            for client in clients[:3]:
                assert client.read_response().status == 200
            for client in clients[:2]:  # the first takes what is left of the cap
                client.send(request("GET", "other.test"))
                stack.enter_context(contextlib.closing(other.request()[0]))


# Bytes of the process

def stage(gateway):
    return metrics(gateway)["sallyport_pressure_stage"]


def filled(gateway, up_to):
    """Clients with half a request each, as many as it takes to come to that stage; behind it nobody is accepted any more."""
    clients = []

    def all_are_accepted():
        return metrics(gateway)["sallyport_connections_open"] == len(clients)

    while stage(gateway) < up_to:
        assert len(clients) < 400, "they hold nothing"
        clients.append(Client(gateway.address))
        clients[-1].send(HALF)
        await_true(lambda: all_are_accepted() or stage(gateway) >= up_to, "the client is accepted")
    if not all_are_accepted():
        clients.pop().close()
    return clients


def test_near_the_cap_requests_are_refused_and_health_answers(gateway_with, origin):
    gateway = gateway_with(*limits(process_bytes=4 << 20, head_time=120_000))
    clients = filled(gateway, 3)
    gateway.errors.wait_for("pressure: stage 3: requests are answered with 503")
    assert once(gateway.health, request("GET", "localhost", "/readyz")).status == 200
    clients[0].send(REST)
    response = clients[0].read_response()
    assert (response.status, response.closes) == (503, True) and b"503 overloaded" in response.body
    for client in clients:
        client.close()
    await_metric(gateway, "sallyport_pressure_stage", 0)
    gateway.errors.wait_for("pressure: stage 0")
    await_metric(gateway, "sallyport_held_bytes", 0)
    with Client(gateway.address) as client:
        client.send(request("GET", "web.test"))
        origin.serve(200, b"again")
        assert client.read_response().body == b"again"


def test_at_the_cap_who_holds_most_is_cut(gateway_with):
    gateway = gateway_with(*limits(process_bytes=4 << 20, head_time=120_000))
    clients = filled(gateway, 3)
    large = clients[:4]  # each takes a larger buffer now
    for client in large:
        client.send(b"X-Large: " + b"x" * 30_000)
    await_true(lambda: metrics(gateway)["sallyport_exchanges_cut_total"] >= 1, "an exchange is cut")
    ended = select.select([client.socket for client in large], [], [], DEADLINE)[0]
    first = next(client for client in large if client.socket in ended)
    assert first.take_to_end() == b"" and first.was_reset
    for client in clients:
        client.close()
    await_metric(gateway, "sallyport_held_bytes", 0)


def test_at_the_cap_of_connections_the_oldest_idle_one_makes_room(gateway_with):
    gateway = gateway_with(*limits(connections=4))
    with Client(gateway.address) as busy, Client(gateway.address) as oldest, Client(gateway.address) as younger:
        busy.send(b"GET / HTTP/1.1\r\nHost: nobody.test\r\n")
        for idle in (oldest, younger):
            response = idle.get("nobody.test")
            assert (response.status, response.closes) == (404, False)
        with Client(gateway.address) as fourth:
            fourth.send(b"GET / HTTP/1.1\r\nHost: nobody.test\r\n")
            oldest.expect_clean_end()
            assert younger.get("nobody.test").status == 404
            for client in (busy, fourth):
                client.send(REST)
                assert client.read_response().status == 404
    assert metrics(gateway)["sallyport_connections_shed_total"] == 1


# Glitches

def test_a_client_with_too_many_oddities_is_let_go(gateway_with, origin):
    gateway = gateway_with(*limits(glitches=8))
    with Client(gateway.address) as client:
        for number in range(6):
            client.send(request("GET", "web.test", "/", "odd_name: 1"))
            if number == 0:
                connection, _ = origin.request()
            else:
                connection.read_request()
            connection.answer()
            assert client.read_response().closes == (number == 5)
        client.expect_end()
    with Client(gateway.address) as client:
        response = client.ask(request("GET", "web.test", "/", *(f"odd_name_{number}: 1" for number in range(8))))
        assert (response.status, response.closes) == (400, True) and b"(glitches)" in response.body
    assert metrics(gateway)["sallyport_glitch_ends_total"] == 2


def test_curl_has_no_oddities(gateway_with):
    gateway = gateway_with()
    url = gateway.url()
    subprocess.run(["curl", "-s", "-o", "/dev/null", "--compressed", "-b", "a=b", url, "-o", "/dev/null", url, "-o", "/dev/null", url],
                   check=True, timeout=DEADLINE * 2)
    subprocess.run(["curl", "-s", "-o", "/dev/null", "-T", "-", "-H", "Expect: 100-continue", url], input=b"x" * 200_000,
                   check=True, timeout=DEADLINE * 2)
    subprocess.run(["curl", "-s", "-o", "/dev/null", "-F", "file=@/proc/self/status", url], check=True, timeout=DEADLINE * 2)
    counted = metrics(gateway)
    assert counted["sallyport_connections_accepted_total"] == 3
    assert counted["sallyport_oddities_total"] == counted["sallyport_request_parts_left_out_total"] == 0


# Connections to endpoints

def test_at_their_cap_requests_get_503_and_no_endpoint_is_blamed(gateway_with, origin):
    gateway = gateway_with(*limits(upstream_connections=1))
    with Client(gateway.address) as one, Client(gateway.address) as two:
        one.send(request("GET", "web.test"))
        connection, _ = origin.request()
        response = two.get("web.test")
        assert response.status == 503 and b"503 overloaded" in response.body
        connection.answer()
        assert one.read_response().status == 200
        one.send(request("GET", "web.test"))
        origin.serve()
        assert one.read_response().status == 200
    assert metrics(gateway).get("sallyport_connect_failures_total", 0) == 0


def test_without_a_descriptor_for_an_endpoint_it_is_503_and_over_when_there_are_some(gateway_with, origin):
    most = 64
    gateway = gateway_with(*limits(connections=1000, source_connections=1000, upstream_connections=1000, head_time=120_000),
                           open_files=most)
    clients = [Client(gateway.address) for _ in range(most)]
    clients[0].send(HALF)
    await_true(lambda: len(os.listdir(f"/proc/{gateway.pid}/fd")) == most, "all descriptors are taken")
    clients[0].send(REST)
    response = clients[0].read_response()
    assert response.status == 503 and b"503 overloaded" in response.body
    for client in clients:
        client.close()
    await_true(lambda: len(os.listdir(f"/proc/{gateway.pid}/fd")) < most // 2, "descriptors are free again")
    with Client(gateway.address) as client:
        client.send(request("GET", "web.test"))
        origin.serve()
        assert client.read_response().status == 200
