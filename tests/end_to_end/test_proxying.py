# SPDX-License-Identifier: Apache-2.0
"""Between two connections: backpressure, reuse, retries, endpoint states, cancellation."""
import re
import select
import socket

import pytest
from folder import Folder, endpoint_slice, route, served, service
from gateway import Gateway
from raw_client import Client, once, request
from recorder import Recorder, listening
from scale_metrics import await_metric

HUGE = 50 * 1024 * 1024


def resident(gateway):
    """Bytes of memory that the gateway has."""
    with open(f"/proc/{gateway.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) * 1024


def fill(stream, total):
    """Sends until `total` bytes are sent or nobody has taken any for a while; gives how many were."""
    stream.socket.setblocking(False)
    sent, piece = 0, b"x" * 65536
    while sent < total and select.select([], [stream.socket], [], 0.3)[1]:
        try:
            sent += stream.socket.send(piece[:total - sent])
        except BlockingIOError:
            continue
    stream.socket.settimeout(20)
    return sent


def test_a_slow_reader_of_a_large_body_holds_the_origin_back(site):
    client = site.client(receive_buffer=65536)
    client.send(site.request())
    connection, _ = site.origin.request()
    connection.send(f"HTTP/1.1 200 OK\r\nContent-Length: {HUGE}\r\n\r\n".encode())
    assert client.read_response_head().status == 200
    before = resident(site.gateway)
    sent = fill(connection, HUGE)
    assert sent < HUGE and resident(site.gateway) - before < 4 * 1024 * 1024
    left = HUGE - sent
    read = len(client.unread)
    while read < HUGE:  # and nothing was lost
        if left and select.select([], [connection.socket], [], 0)[1]:
            left -= connection.socket.send(b"x" * min(left, 65536))
        if select.select([client.socket], [], [], 0.01)[0]:
            read += len(client.socket.recv(1 << 20))
    assert (left, read) == (0, HUGE) and resident(site.gateway) - before < 16 * 1024 * 1024


def test_a_slow_origin_holds_a_client_that_uploads_back(site):
    client = site.client()
    client.send(site.request("POST", "/", f"Content-Length: {HUGE}"))
    connection = site.origin.accept()
    connection.read_request_head()
    before = resident(site.gateway)
    sent = fill(client, HUGE)
    assert sent < HUGE and resident(site.gateway) - before < 4 * 1024 * 1024


def test_connections_to_an_endpoint_are_used_again(site):
    client = site.client()
    client.send(site.request("GET", "/0"))
    connection, _ = site.origin.request()
    connection.answer()
    assert client.read_response().status == 200
    for number in range(1, 20):
        other = site.client()
        other.send(site.request("POST", f"/{number}", body=b"hello"))
        assert connection.read_request().target == f"/{number}"
        connection.answer(200, b"ok")
        assert other.read_response().body == b"ok"
    assert not site.origin.has_connection()


def test_a_client_that_resets_cancels_its_request(site):
    client = site.client()
    client.send(site.request("POST", "/", body=b"hello"))
    connection, _ = site.origin.request()
    client.reset()
    connection.expect_end()


def test_a_client_that_resets_within_the_answer_cancels_it(site):
    client = site.client()
    client.send(site.request())
    connection, _ = site.origin.request()
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
    assert client.read_response_head().status == 200
    client.reset()
    connection.expect_end()


def test_a_client_that_has_said_all_and_shut_its_side_still_gets_the_answer(site):
    client = site.client()
    client.send(site.request())
    client.shutdown_write()
    site.origin.serve(200, b"answer")
    assert client.read_response().body == b"answer"


def reused(site):
    """A client, and an origin's connection that has served and waits to be used again."""
    client = site.client()
    client.send(site.request("GET", "/first"))
    connection, _ = site.origin.request()
    connection.answer()
    assert client.read_response().status == 200
    return client, connection


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_a_stale_connection_is_replaced_for_a_request_that_may_be_repeated(site, method):
    client, connection = reused(site)
    client.send(site.request(method, "/second"))
    assert connection.read_request().target == "/second"
    connection.close()
    again, arrived = site.origin.request()
    assert (arrived.method, arrived.target) == (method, "/second")
    again.answer(200)
    assert client.read_response(method).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_stale_connection_that_resets_is_replaced_as_well(site, method):
    client, connection = reused(site)
    client.send(site.request(method, "/second"))
    connection.read_request()
    connection.reset()
    assert site.origin.serve().target == "/second"
    assert client.read_response(method).status == 200


def test_a_post_is_never_sent_twice(site):
    client, connection = reused(site)
    client.send(site.request("POST", "/second", body=b"hello"))
    assert connection.read_request().body == b"hello"
    connection.close()
    assert client.read_response().status == 502
    assert site.arrivals() == []


def test_a_request_is_repeated_once_only(site):
    client, connection = reused(site)
    client.send(site.request("GET", "/second"))
    connection.read_request()
    connection.close()
    again, _ = site.origin.request()
    again.close()
    assert client.read_response().status == 502
    assert site.arrivals() == []


def test_an_origin_that_ends_without_an_answer_on_a_new_connection_is_502(site):
    client = site.client()
    client.send(site.request())
    connection, _ = site.origin.request()
    connection.close()
    response = client.read_response()
    assert response.status == 502 and not response.closes
    assert site.arrivals() == []


def test_an_idle_connection_that_the_origin_closes_is_forgotten(site):
    client, connection = reused(site)
    connection.close()
    client.send(site.request("POST", "/second", body=b"hello"))
    assert site.origin.serve().body == b"hello"
    assert client.read_response().status == 200


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_a_refused_connect_is_tried_on_another_endpoint_whatever_the_method(folder, method):
    with listening(("127.0.0.1", 0)) as taken:
        refusing = taken.getsockname()[1]
    with Recorder() as origin:
        folder.write("web.yaml", *served("web", refusing, origin.port), route("web.test", "web"))
        with Gateway(folder) as gateway:
            for _ in range(4):
                with Client(gateway.address) as client:
                    client.send(request(method, "web.test", "/", body=b"hello"))
                    assert origin.serve().body == b"hello"
                    assert client.read_response().status == 200


def test_an_endpoint_that_refuses_is_502_when_it_is_the_only_one(folder):
    with listening(("127.0.0.1", 0)) as taken:
        refusing = taken.getsockname()[1]
    folder.write("web.yaml", *served("web", refusing), route("web.test", "web"))
    with Gateway(folder) as gateway, Client(gateway.address) as client:
        for method in ("GET", "HEAD"):
            response = client.ask(request(method, "web.test"), method)
            assert response.status == 502 and not response.closes
        response = client.get("web.test")
        assert str(refusing).encode() not in response.body and b"127.0.0.1" not in response.body


def full_listener():
    """A socket that answers no SYN: its queue is full. (listener, the sockets that fill it)"""
    listener = listening(("127.0.0.1", 0), 0)
    fillers = []
    while True:
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
        if not select.select([], [filler], [], 0.1)[1]:
            return listener, fillers


def test_a_connect_that_nobody_answers_has_a_deadline_and_another_endpoint_is_tried(folder):
    listener, fillers = full_listener()
    with Recorder() as origin:
        folder.write("web.yaml", *served("web", listener.getsockname()[1], origin.port), route("web.test", "web"))
        with Gateway(folder) as gateway:
            for _ in range(2):  # one of them meets the silent one first
                with Client(gateway.address) as client:
                    client.send(request("POST", "web.test", body=b"hello"))
                    assert origin.serve().body == b"hello"
                    assert client.read_response().status == 200
    for one in [listener, *fillers]:
        one.close()


def test_a_connect_that_nobody_answers_is_504_when_there_is_no_other(folder):
    listener, fillers = full_listener()
    folder.write("web.yaml", *served("web", listener.getsockname()[1]), route("web.test", "web"))
    with Gateway(folder) as gateway:
        assert once(gateway.address, request("GET", "web.test")).status == 504
    for one in [listener, *fillers]:
        one.close()


# Connections of clients

def test_a_client_beyond_the_cap_waits_and_health_answers(folder):
    with Gateway(folder, "--limit", "connections=2") as gateway, Client(gateway.address) as one, Client(gateway.address) as two:
        for busy in (one, two):  # idle ones would be ended to make room
            busy.send(b"GET / HTTP/1.1\r\n")
        await_metric(gateway, "sallyport_connections_open", 2)
        with Client(gateway.address) as third:
            third.send(request("GET", "nobody.test"))
            assert once(gateway.health, request("GET", "localhost", "/readyz")).status == 200
            assert not select.select([third.socket], [], [], 0)[0]
            one.close()
            assert third.read_response().status == 404


def test_running_out_of_descriptors_stops_accepting_not_serving(folder):
    with Gateway(folder, "--limit", "source-connections=1000", open_files=600) as gateway:
        clients = [Client(gateway.address) for _ in range(400)]
        for client in clients:
            client.send(request("GET", "nobody.test"))
        assert clients[0].read_response().status == 404
        assert once(gateway.health, request("GET", "localhost", "/readyz")).status == 200
        clients[0].close()
        for client in clients[1:]:  # as each ends, one that waits is served
            assert client.read_response().status == 404
            client.close()


def test_a_client_that_takes_no_byte_for_too_long_is_reset(site_with):
    site = site_with("--limit", "write-stall=300")
    client = site.client(receive_buffer=4096)
    client.send(site.request())
    connection, _ = site.origin.request()
    connection.send(f"HTTP/1.1 200 OK\r\nContent-Length: {HUGE}\r\n\r\n".encode())
    with pytest.raises(ConnectionError):
        while True:
            connection.send(b"x" * 65536)
    assert len(client.take_to_end()) < HUGE and client.was_reset


# Endpoint states (3.11)

DRAINING = {"ready": False, "serving": True, "terminating": True}
GONE = {"ready": False, "serving": False, "terminating": True}


def answered_by(folder, *conditions):
    """The numbers of the endpoints, with these conditions each, that answer eight requests; 503 if none does."""
    origins = [Recorder() for _ in conditions]
    slices = [endpoint_slice("web", origin.port, suffix=str(number), conditions=condition)
              for number, (origin, condition) in enumerate(zip(origins, conditions))]
    folder.write("web.yaml", service("web"), *slices, route("web.test", "web"))
    answers = set()
    with Gateway(folder) as gateway:
        for _ in range(8):
            with Client(gateway.address) as client:
                client.send(request("GET", "web.test"))
                ready = select.select([client.socket, *(origin.listener for origin in origins)], [], [], 20)[0]
                for number, origin in enumerate(origins):
                    if origin.listener in ready:
                        origin.serve()
                        answers.add(number)
                if client.socket in ready:
                    answers.add(client.read_response().status)
    for origin in origins:
        origin.close()
    return answers


@pytest.mark.parametrize(("conditions", "answers"), [
    ((None, {"ready": True}), {0, 1}),
    (({}, {"ready": None}), {0, 1}),
    ((None, DRAINING), {0}),
    ((DRAINING, DRAINING), {0, 1}),
    ((GONE, DRAINING), {1}),
    (({"ready": False}, GONE), {503}),
    (({"ready": False, "serving": True}, None), {1}),
    (({"ready": True, "terminating": True}, None), {0, 1}),
], ids=["ready", "ready-is-nil", "draining-rests", "draining-when-nothing-else", "gone-never", "all-gone-is-503", "not-ready", "published-not-ready"])
def test_endpoint_states(folder, conditions, answers):
    assert answered_by(folder, *conditions) == answers


def test_slices_overlap_and_an_endpoint_counts_once(folder):
    with Recorder() as one, Recorder() as two:
        slices = [endpoint_slice("web", one.port, suffix="a"), endpoint_slice("web", one.port, suffix="b"), endpoint_slice("web", two.port, suffix="c")]
        folder.write("web.yaml", service("web"), *slices, route("web.test", "web"))
        with Gateway(folder) as gateway:
            counts = [0, 0]
            for _ in range(6):
                with Client(gateway.address) as client:
                    client.send(request("GET", "web.test"))
                    ready = select.select([one.listener, two.listener], [], [], 20)[0]
                    origin = one if one.listener in ready else two
                    origin.serve()
                    counts[origin is two] += 1
                    assert client.read_response().status == 200
    assert counts == [3, 3]


def test_100_endpoints_behind_one_service(tmp_path):
    folder = Folder(tmp_path)
    with Recorder(("0.0.0.0", 0)) as origin:
        addresses = [f"127.78.0.{number}" for number in range(1, 101)]
        folder.write("web.yaml", service("web"), endpoint_slice("web", origin.port, addresses), route("web.test", "web"))
        with Gateway(folder) as gateway, Client(gateway.address) as client:
            seen = set()
            for _ in range(100):
                client.send(request("GET", "web.test"))
                connection, _ = origin.request()
                seen.add(connection.socket.getsockname()[0])
                connection.answer(close=True)
                assert client.read_response().status == 200
    assert seen == set(addresses)
