# SPDX-License-Identifier: Apache-2.0
"""A connection with nothing to do holds next to nothing: its buffers and its coroutines' frames went back when it was answered."""
import pytest
from counted import Counter
from folder import Folder, route, served
from gateway import Gateway
from holding_origin import HoldingOrigin
from raw_client import request
from scale_metrics import metrics
from steady import Clients, read_answer

IDLE = 500
BUFFER = 16 * 1024
ANSWER = len(b"released\n")
MOST_HELD = 512  # bytes of an idle connection, all of it


@pytest.fixture
def counter(counting, tmp_path):
    return Counter(counting, tmp_path / "counts")


@pytest.fixture
def origin():
    with HoldingOrigin(held=False) as one:
        yield one


@pytest.fixture
def gateway(tmp_path, origin, counter):
    folder = Folder(tmp_path / "objects")
    folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
    # Hundreds of connects at once may take long where the machine has other things to do.
    with Gateway(folder, "--limit", "connect-time=20000", environment=counter.environment) as started:
        yield started


def buffer_bytes(gateway):
    """What connections hold, clients' and upstream ones; asking comes after what the workers did so far."""
    return metrics(gateway)["sallyport_connection_buffer_bytes"]


def held(gateway, counter):
    """Bytes that the worker's thread has allocated and not given back, once it has come to rest."""
    assert buffer_bytes(gateway) == 0
    return counter.of(counter.worker(gateway.pid)).bytes_held


def test_idle_connections_hold_no_buffer_and_no_frame(gateway, counter):
    with Clients(gateway.address, 1) as first:
        first.ask(request("GET", "web.test"), ANSWER, 50)
        before = held(gateway, counter)
        with Clients(gateway.address, 0) as idle:
            for _ in range(IDLE):
                with_one_more = Clients(gateway.address, 1)
                idle.sockets += with_one_more.sockets
                with_one_more.ask(request("GET", "web.test"), ANSWER, 1)
            assert (held(gateway, counter) - before) / IDLE <= MOST_HELD


def ask_all_at_once(clients, origin):
    """All requests are with the origin before the first answer comes, so that the gateway has the most to hold."""
    origin.hold()
    for one in clients.sockets:
        one.sendall(request("POST", "web.test", body=b"x" * 4096))
    origin.wait_for(len(clients.sockets))
    origin.release()
    for one in clients.sockets:
        read_answer(one, ANSWER)


def test_connections_that_were_all_busy_at_once_give_everything_back(gateway, origin, counter):
    """Only what the worker keeps for the next ones stays: that differs a little from time to time, but is far from a buffer each."""
    with Clients(gateway.address, IDLE) as busy:
        ask_all_at_once(busy, origin)
        first = held(gateway, counter)
        with Clients(gateway.address, IDLE) as more:
            ask_all_at_once(more, origin)
            assert (held(gateway, counter) - first) / IDLE <= BUFFER / 8


def test_half_a_request_holds_a_buffer(gateway, counter):
    """Else a zero would say nothing."""
    with Clients(gateway.address, 10) as halves:
        for one in halves.sockets:
            one.sendall(b"GET / HTTP/1.1\r\n")
        # The last one's bytes may still be on their way when its neighbour's were seen.
        halves.sockets[0].sendall(b"Host: web.test\r\n\r\n")
        assert halves.sockets[0].recv(65536).startswith(b"HTTP/1.1 200 ")
        assert buffer_bytes(gateway) >= BUFFER
