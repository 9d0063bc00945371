# SPDX-License-Identifier: Apache-2.0
"""Descriptors, ports, budgets and disks that run out: requests may fail, the process does not, and it soon serves as before."""
import contextlib
import json
import pathlib
import time

from folder import Folder, route, served
from gateway import Gateway
from holding_origin import HoldingOrigin
from namespaces import main, raise_loopback, run_inside
from raw_client import DEADLINE, Client, once, request
from recovery import SOON, attempt, health_answers, serves_again
from scale_metrics import metrics
from small_disk import SmallDisk

ASK = request("GET", "web.test", "/", "Connection: close")
# How a request that finds something missing may end: an answer of the gateway's own, or the end of the connection.
FAILED = {502, 503, 504, None}


def objects(folder, port):
    folder.write("web.yaml", *served("web", port), route("web.test", "web"))
    return folder


def outcome(client):
    """Of the one request that was sent on it."""
    try:
        return client.read_response().status
    except (AssertionError, OSError):
        return None


def close_all(clients):
    for client in clients:
        client.close()


def test_clients_that_take_every_descriptor_leave_health_reachable(folder):
    with HoldingOrigin(held=False) as origin, Gateway(objects(folder, origin.port), open_files=64) as gateway:
        kept = Client(gateway.address)
        assert kept.get("web.test").status == 200
        clients = [Client(gateway.address) for _ in range(100)]
        for client in clients:
            client.send(b"GET / HTTP/1.1\r\n")
        assert health_answers(gateway) and health_answers(gateway, "/readyz")
        assert kept.get("web.test").status == 200
        close_all(clients)
        serves_again(gateway.address)
        kept.close()


def test_more_connections_allowed_than_there_are_descriptors(folder):
    with HoldingOrigin(held=False) as origin, Gateway(objects(folder, origin.port), "--limit", "connections=1000", open_files=64) as gateway:
        clients = [Client(gateway.address) for _ in range(100)]
        for client in clients:
            client.send(b"GET / HTTP/1.1\r\n")
        assert attempt(gateway.address, ASK, 1) in FAILED | {200}
        close_all(clients)
        serves_again(gateway.address)
        assert health_answers(gateway)


def test_requests_for_which_no_descriptor_is_left(folder):
    """Each needs a second one, on the upstream's side."""
    with HoldingOrigin() as origin, Gateway(objects(folder, origin.port), "--limit", "connections=1000", open_files=64) as gateway:
        clients = []
        for number in range(60):
            clients.append(Client(gateway.address))
            clients[-1].send(ASK)
            if number < 5:  # these have both
                origin.wait_for(1)
        assert attempt(gateway.address, ASK, 1) in FAILED
        origin.release()
        outcomes = [outcome(client) for client in clients]
        assert 200 in outcomes and set(outcomes) <= FAILED | {200}, outcomes
        close_all(clients)
        serves_again(gateway.address)
        assert health_answers(gateway)


def test_a_process_without_bytes_left_refuses_and_recovers(folder):
    budget = 1024 * 1024  # 64 of the smallest buffers
    limits = ("--limit", f"process-bytes={budget}", "--limit", "head-time=1000")
    with HoldingOrigin(held=False) as origin, Gateway(objects(folder, origin.port), *limits) as gateway:
        assert once(gateway.address, ASK).status == 200
        halves = []
        for _ in range(100):
            halves.append(Client(gateway.address))
            halves[-1].send(b"GET / HTTP/1.1\r\nHost: web.test\r\n")
        outcomes = [attempt(gateway.address, ASK, DEADLINE) for _ in range(20)]
        assert set(outcomes) <= FAILED | {200}, outcomes
        assert 0 < metrics(gateway)["sallyport_held_bytes"] <= budget and health_answers(gateway)
        # Who was there first kept what it held, or had to go for the others.
        for half in halves:
            with contextlib.suppress(OSError):
                half.send(b"\r\n")
        finished = [outcome(half) for half in halves]
        assert set(finished) <= FAILED | {200, 408} and set(outcomes + finished) != {200}, (outcomes, finished)
        close_all(halves)
        serves_again(gateway.address)
        assert metrics(gateway)["sallyport_connection_buffer_bytes"] == 0


def test_a_connection_without_bytes_left_refuses_and_others_do_not_notice(folder):
    limits = ("--limit", "connection-bytes=65536", "--limit", "head-bytes=49152")
    with HoldingOrigin(held=False) as origin, Gateway(objects(folder, origin.port), *limits) as gateway:
        long = request("GET", "web.test", "/", *(f"X-{number}: {'y' * 1000}" for number in range(45)))
        assert once(gateway.address, ASK).status == 200
        assert attempt(gateway.address, long, DEADLINE) in FAILED
        assert once(gateway.address, ASK).status == 200
        assert metrics(gateway)["sallyport_connection_buffer_bytes"] == 0


def test_an_access_log_that_cannot_be_written_stops_no_request(folder):
    with HoldingOrigin(held=False) as origin, Gateway(objects(folder, origin.port), access_log="/dev/full") as gateway:
        with Client(gateway.address) as client:
            assert {client.get("web.test").status for _ in range(500)} == {200}
        wait_for(lambda: metrics(gateway)["sallyport_access_log_lines_lost_total"] == 500)


def test_no_source_port_is_left(tmp_path):
    run_inside(__file__, "without_ports", tmp_path / "objects", network=True)


def without_ports(where):
    """To one endpoint only so many connections can be had as there are ports; clients bring addresses of their own."""
    raise_loopback()
    pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("40000 40007", encoding="ascii")
    with HoldingOrigin() as origin, Gateway(objects(Folder(where), origin.port)) as gateway:
        clients = [Client(gateway.address, source=f"127.1.1.{number + 1}") for number in range(40)]
        for client in clients:
            client.send(ASK)
        origin.wait_for(1)
        assert attempt(gateway.health, request("GET", "localhost", "/livez"), DEADLINE, source="127.1.2.1") == 200
        origin.release()
        outcomes = [outcome(client) for client in clients]
        assert 200 in outcomes and set(outcomes) & FAILED and set(outcomes) <= FAILED | {200}, outcomes
        close_all(clients)
        serves_again(gateway.address, source="127.1.2.2")


def test_the_disk_of_the_log_and_of_the_status_file_is_full(tmp_path):
    run_inside(__file__, "with_full_disk", tmp_path, mounts=True)


def with_full_disk(where):
    where = pathlib.Path(where)
    small = SmallDisk(where)
    disk = small.path
    folder = Folder(where / "objects")
    with HoldingOrigin(held=False) as origin:
        with Gateway(objects(folder, origin.port), "--status-file", disk / "status.json", access_log=disk / "access.log") as gateway:
            wait_for(lambda: (disk / "status.json").stat().st_size > 0)
            small.fill()
            with Client(gateway.address) as client:
                assert {client.get("web.test").status for _ in range(2000)} == {200}
                folder.write("more.yaml", route("more.test", "web", name="more"))
                gateway.errors.wait_for("status-file.*No space left on device")
            serves_again(gateway.address, host="more.test")
            assert health_answers(gateway)
            small.free()
            freed = time.monotonic()
            serves_again(gateway.address, host="web.test", path="/after", since=freed)
            wait_for(lambda: any('"/after"' in line for line in (disk / "access.log").read_text().splitlines()), freed)
            wait_for(lambda: "more" in (disk / "status.json").read_text(), freed)
            lost = metrics(gateway)["sallyport_access_log_lines_lost_total"]
        # Whole lines, whatever came, and those that are missing were counted.
        said = [json.loads(line) for line in (disk / "access.log").read_text().splitlines()]
        assert lost > 0 and {one["status"] for one in said} <= {200, 404}, lost
        assert sum(one["host"] == "web.test" and one["path"] == "/" for one in said) < 2000


def wait_for(condition, since=None):
    """At most so long after `since`, the end of a fault, as everything may take to be as before."""
    end = (time.monotonic() if since is None else since) + SOON
    while not held_true(condition):
        assert time.monotonic() < end, "it did not come about in time"


def held_true(condition):
    try:
        return condition()
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    main(globals())
