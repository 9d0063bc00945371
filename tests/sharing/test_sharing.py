# SPDX-License-Identifier: Apache-2.0
"""No request on a connection that is there writes memory that another worker reads or writes: no line of a cache goes to and fro."""
import os

import pytest
from accesses import Accesses, places
from folder import Folder, route, served
from gateway import Gateway
from raw_client import request
from steady import Clients, SteadyOrigin, answer_of

DATE = "Date: Thu, 01 Jan 2026 00:00:00 GMT"
KINDS = {
    "short": (request("GET", "web.test"), 100),
    "answer-of-10-KiB": (request("GET", "web.test", "/a/b?c=d", "Accept: */*", "Cookie: session=0123456789abcdef"), 10 * 1024),
    "post-of-4-KiB": (request("POST", "web.test", body=b"x" * 4096), 100),
}


def test_an_access_is_noted_with_its_thread(tmp_path):
    """Otherwise nothing would be found below, whatever there is: the main thread turns its loop, and no other writes there."""
    accesses = Accesses(tmp_path / "accesses")
    folder = Folder(tmp_path / "objects")
    folder.write("web.yaml", *served("web", 1), route("web.test", "web"))
    with Gateway(folder, environment=accesses.environment) as gateway:
        accesses.begin(gateway)
        gateway.send_signal(1)  # HUP: it reads the folder again
        gateway.errors.wait_for("SIGHUP")
        accesses.end(gateway)
        pid = gateway.pid
    mine = [line for line in accesses.lines() if line.thread == pid]
    assert [line for line in mine if line.reader] and [line for line in mine if line.writer]


@pytest.mark.parametrize("kind", KINDS)
def test_workers_write_nothing_that_another_reads_or_writes(tmp_path, kind):
    data, body = KINDS[kind]
    accesses = Accesses(tmp_path / "accesses")
    folder = Folder(tmp_path / "objects")
    with SteadyOrigin(answer_of(b"y" * body, DATE, "Server: steady")) as origin:
        folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
        with Gateway(folder, workers=2, environment=accesses.environment) as gateway:
            workers = {int(name) for name in os.listdir(f"/proc/{gateway.pid}/task")} - {gateway.pid}
            with Clients(gateway.address, 32) as clients:  # each worker has some of them
                clients.ask(data, body, 20)
                accesses.begin(gateway)
                clients.ask(data, body, 20)
                accesses.end(gateway)
    assert len(workers) == 2 and {line.thread for line in accesses.lines()} >= workers
    shared = accesses.shared(workers)
    assert not shared, places(shared)
