# SPDX-License-Identifier: Apache-2.0
"""How long a former configuration stays: as long as a request that began with it, and no longer; a tunnel lets go of it after
--snapshot-hold. And what a change costs: the same in a small folder and in a large one.
"""
import json
import time

import pytest
from folder import Folder, endpoint_slice, ingress, path, route, rule, served, service
from gateway import Gateway
from origins import Origins
from raw_client import DEADLINE, Client, request
from recorder import Recorder
from scale_metrics import await_snapshots, metrics
from scale_sizes import by_build
from test_h1_forwarding import SWITCHED, UPGRADE

LARGE = by_build(40_000, 4_000, 1_000)


@pytest.fixture
def origin():
    with Recorder() as one:
        yield one


class Fence:
    """Edits that nobody asks about; each is over when every worker serves it."""

    def __init__(self, folder, gateway):
        self.folder, self.gateway, self.number = folder, gateway, 0

    def edit(self):
        self.number += 1
        self.folder.write("fence.yaml", route("fence.test", "web", name=f"fence{self.number}"))
        self.gateway.errors.wait_for(rf"accepted Ingress default/fence{self.number}\b")


def open_tunnel(gateway, origin):
    """(client, origin's connection)"""
    client = Client(gateway.address)
    client.send(request("GET", "web.test", "/tunnel", *UPGRADE))
    connection, _ = origin.request()
    connection.send(SWITCHED)
    assert client.read_response_head().status == 101
    return client, connection


def passes(client, connection):
    client.send(b"ping")
    connection.send(b"pong!")
    return connection.take(4) == b"ping" and client.take(5) == b"pong!"


def close_tunnel(client, connection):
    client.shutdown_write()
    connection.expect_end()
    connection.close()
    client.expect_end()
    client.close()


@pytest.mark.threaded
def test_an_old_tunnel_lets_go_of_its_snapshot_and_works_on(folder, origin, tmp_path):
    folder.write("web.yaml", *served("web", origin.port))
    folder.write("route.yaml", route("web.test", "web"))
    log = tmp_path / "access.log"
    with Gateway(folder, "--snapshot-hold", 1, workers=2, access_log=log) as gateway:
        client, connection = open_tunnel(gateway, origin)
        fence = Fence(folder, gateway)
        for _ in range(5):
            fence.edit()
        await_snapshots(gateway, 1)
        assert passes(client, connection)
        # Not even its rule, its backend or its endpoint needs to be there any more.
        folder.remove("route.yaml")
        folder.write("web.yaml", service("web"))
        fence.edit()
        await_snapshots(gateway, 1)
        assert passes(client, connection)
        close_tunnel(client, connection)
    entry = next(entry for entry in map(json.loads, log.read_text().splitlines()) if entry["status"] == 101)
    assert (entry["rule"]["kind"], entry["rule"]["namespace"], entry["rule"]["name"], entry["rule"]["field"]) == \
        ("Ingress", "default", "web", "spec.rules[0].http.paths[0]")
    assert "default/web:80" in entry["backend"] and entry["endpoint"] == f"127.0.0.1:{origin.port}"
    assert (entry["received"], entry["sent"]) == (8, 10) and "error" not in entry


@pytest.mark.threaded
def test_young_tunnels_hold_the_snapshots_that_they_began_with(folder, origin):
    folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
    with Gateway(folder, "--snapshot-hold", 3600, workers=2) as gateway:
        fence = Fence(folder, gateway)
        tunnels = []
        for _ in range(3):
            tunnels.append(open_tunnel(gateway, origin))
            fence.edit()
            fence.edit()  # between two tunnels there are snapshots that nobody holds
        await_snapshots(gateway, 4)
        for alive, which in ((3, 1), (2, 1), (1, 0)):
            assert passes(*tunnels[which])
            close_tunnel(*tunnels.pop(which))
            await_snapshots(gateway, alive)


@pytest.mark.threaded
def test_a_request_holds_its_snapshot_to_its_end_and_an_idle_connection_none(folder, origin):
    folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
    with Gateway(folder, "--snapshot-hold", 1, workers=2) as gateway, Client(gateway.address) as client:
        client.send(request("GET", "web.test"))
        connection, _ = origin.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        assert client.read_response_head().status == 200
        fence = Fence(folder, gateway)
        for _ in range(3):
            fence.edit()
        await_snapshots(gateway, 2)
        connection.send(b"world")
        assert client.take(10) == b"helloworld"
        await_snapshots(gateway, 1)
        fence.edit()
        await_snapshots(gateway, 1)
        client.send(request("GET", "web.test"))
        connection.read_request()
        connection.answer(200, b"again")
        assert client.read_response().body == b"again"


# Edits of one thing each, and back: (name, what is written where).
EDITS = {
    "a path comes": ("edited.yaml", lambda ports: [ingress("edited", rule("edited.test", path("/", "one"), path("/more", "one")))]),
    "a path goes": ("edited.yaml", lambda ports: [ingress("edited", rule("edited.test", path("/", "one")))]),
    "a backend is another": ("edited.yaml", lambda ports: [ingress("edited", rule("edited.test", path("/", "two")))]),
    "an object comes": ("new.yaml", lambda ports: [route("new.test", "one", name="new")]),
    "an endpoint comes": ("one.yaml", lambda ports: [service("one"), endpoint_slice("one", ports["one"], ("127.0.0.1", "127.0.0.2"))]),
    "a port has another number": ("two.yaml", lambda ports: [service("two", port=81), endpoint_slice("two", ports["two"])]),
    "a comment's worth": ("edited.yaml", lambda ports: [ingress("edited", rule("edited.test", path("/", "two")), annotations={"note": "a"})]),
}
WORK = ("sallyport_config_translations_total", "sallyport_config_resolutions_total", "sallyport_snapshot_nodes_made_total")


def work_of_edits(folder, origins, routes, on_one_host):
    """{edit: what it made the counters grow by}, in a folder with so many routes beside what is edited, ten for each host; or all
    for the host that is edited as well.
    """
    for name, port in origins.ports.items():
        folder.write(f"{name}.yaml", *served(name, port))
    for first in range(0, routes, 100):
        rules = [rule("edited.test" if on_one_host else f"h{host}.test", *(path(f"/h{host}/p{at}", "rest") for at in range(10)))
                 for host in range(first // 10, first // 10 + 10)]
        folder.write(f"routes{first // 100:03}.yaml", ingress(f"routes{first}", *rules))
    folder.write("edited.yaml", ingress("edited", rule("edited.test", path("/", "one"))))
    work = {}
    with Gateway(folder, workers=2) as gateway:
        version = metrics(gateway)["sallyport_config_version"]
        assert metrics(gateway)["sallyport_rules"] == routes + 1
        for name, (file, objects) in EDITS.items():
            before = metrics(gateway)
            folder.write(file, *objects(origins.ports))
            after = settled(gateway, before)
            work[name] = {counter: after[counter] - before[counter] for counter in WORK}
        assert metrics(gateway)["sallyport_config_version"] > version
    return work


def settled(gateway, before):
    """The metrics once the edit is through: as long as it is not, the counters are as they were."""
    deadline = time.monotonic() + DEADLINE * 2
    while (after := metrics(gateway))[WORK[0]] == before[WORK[0]]:
        assert gateway.is_running() and time.monotonic() < deadline, f"no edit came through: {after[WORK[0]]}"
    return after


@pytest.mark.parametrize("on_one_host", [False, True], ids=["many-hosts", "one-host"])
def test_an_edit_costs_the_same_in_a_small_folder_and_in_a_large_one(on_one_host, tmp_path, capsys):
    with Origins("one", "two", "rest") as origins:
        small = work_of_edits(Folder(tmp_path / "small"), origins, 100, on_one_host)
        large = work_of_edits(Folder(tmp_path / "large"), origins, LARGE, on_one_host)
    with capsys.disabled():
        costs = [f"{name} {list(small[name].values())} {list(large[name].values())}" for name in EDITS]
        print(f"\ntranslations, resolutions and nodes at 100 and at {LARGE} routes: {'; '.join(costs)}")
    for name in EDITS:
        said = f"{name} cost {small[name]} at 100 routes and {large[name]} at {LARGE}"
        assert [large[name][counter] for counter in WORK[:2]] == [small[name][counter] for counter in WORK[:2]], said
        assert large[name][WORK[2]] <= small[name][WORK[2]] + 4, said
