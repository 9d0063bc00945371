# SPDX-License-Identifier: Apache-2.0
"""Once warm, two workers have no line of memory in common that one of them writes: a request stays in the memory of its worker.

ARCHITECTURE.md lists what threads share. Of that a warm request reads what never changes, and writes nothing.
"""
import contextlib
import re

import pytest
from folder import Folder, route, served
from gateway import Gateway
from raw_client import once, request
from steady import Clients, SteadyOrigin, answer_of
from test_hot_path import DATE, KINDS
from touched import Places, Watch, shared

WORKERS = 2
WARMING = 320
EACH = 2  # clients of each worker
CONNECTIONS = 12
PATIENCE = 120  # seconds for an answer of a worker that is watched, which is slow
ACCEPTED = re.compile(r'^sallyport_connections_accepted_total{worker="(\d+)"} (\d+)$', re.MULTILINE)


def accepted(gateway):
    """Worker -> the connections that it has had."""
    said = once(gateway.health, request("GET", "localhost", "/metrics")).body.decode()
    return {worker: int(count) for worker, count in ACCEPTED.findall(said)}


def clients_of_each(gateway, ask):
    """EACH connections for every worker; to which one a connection goes is the kernel's choice."""
    chosen = {worker: [] for worker in accepted(gateway)}
    assert len(chosen) == WORKERS
    while any(len(sockets) < EACH for sockets in chosen.values()):
        before = accepted(gateway)
        client = Clients(gateway.address, 1)
        ask(client)
        [worker] = [worker for worker, count in accepted(gateway).items() if count != before[worker]]
        if len(chosen[worker]) < EACH:
            chosen[worker] += client.sockets
        else:
            client.close()
    together = Clients(gateway.address, 0)
    together.sockets = [one for sockets in chosen.values() for one in sockets]
    return together


@contextlib.contextmanager
def watched_gateway(tmp_path, touching, kind):
    """A gateway of two workers that can be watched, and what it is asked: (gateway, watch, the request, the answer's size)."""
    asked, size = KINDS[kind]
    watch = Watch(touching, tmp_path / "touched")
    with SteadyOrigin(answer_of(b"y" * size, DATE, "Server: steady")) as origin:
        folder = Folder(tmp_path / "objects")
        folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
        with Gateway(folder, workers=WORKERS, environment=watch.environment) as gateway:
            yield gateway, watch, asked, size


def touched_by_workers(watch, gateway):
    """What each of the two touched, and how to name places in them."""
    return *(touched for thread, touched in watch.threads().items() if thread != gateway.pid), Places(gateway.pid)


@pytest.mark.parametrize("at_once", (1, 64), ids=lambda count: f"after-{count}-at-once")
@pytest.mark.parametrize("kind", ("short", "browser", "answer-of-10-KiB", "post-of-4-KiB"))
def test_no_line_that_a_worker_writes_is_touched_by_the_other(tmp_path, touching, kind, at_once):
    with watched_gateway(tmp_path, touching, kind) as (gateway, watch, asked, size):
        with Clients(gateway.address, at_once) as many:
            many.ask(asked, size, WARMING // at_once)
        with clients_of_each(gateway, lambda client: client.ask(asked, size, 1)) as clients:
            clients.ask(asked, size, WARMING // len(clients.sockets))
            for one in clients.sockets:
                one.settimeout(PATIENCE)
            # One after the other, so that one worker rests while the other is watched.
            watch.while_(lambda: clients.ask_in_turn(asked, size))
            first, second, places = touched_by_workers(watch, gateway)
    assert min(len(first.written), len(second.written)) > 50, "both have served"
    found = shared(first, second) | shared(second, first)
    assert not found, "\n".join(places.tell(line, first=first, second=second) for line in sorted(found))


def test_the_watch_sees_what_new_connections_share(tmp_path, touching):
    """Else nothing would be proven: each counts in the quotas of the process."""
    with watched_gateway(tmp_path, touching, "short") as (gateway, watch, asked, size):
        with clients_of_each(gateway, lambda client: client.ask(asked, size, 1)) as warm, contextlib.ExitStack() as new:

            def connect():
                # As many as make it sure that both workers get one.
                for _ in range(CONNECTIONS):
                    client = new.enter_context(Clients(gateway.address, 1))
                    client.sockets[0].settimeout(PATIENCE)
                    client.ask(asked, size, 1)

            warm.ask(asked, size, WARMING)
            watch.while_(connect)
            first, second, _ = touched_by_workers(watch, gateway)
            assert shared(first, second) and shared(second, first)
