# SPDX-License-Identifier: Apache-2.0
"""Two builds of neighbouring versions: side by side on one cluster, one of them writes at any time, whoever is killed; and what either
keeps as last good, the other reads. The neighbour is the program with another version in it (tests/neighbour), and publishes another
address here, so that two who write would be seen to take turns.
"""
import json
import re

import pytest
from cluster_world import Cluster, await_host
from fake_api import await_that
from folder import ingress, path, rule, route
from gateway import BINARY, built, once_done
from last_good_world import World, await_kept, status

LEASE = "gateway"
OURS, NEIGHBOUR = "ours", "neighbour"
ADDRESSES = {OURS: "192.0.2.7", NEIGHBOUR: "192.0.2.8"}

pytestmark = pytest.mark.usefixtures("pod_network")


def program(build):
    return BINARY if build == OURS else built("sallyport_neighbour")


def version(build):
    said = once_done("version", binary=program(build))[1]
    return re.match(r"sallyport (\S+)", said).group(1)


class Watched(Cluster):
    """Where what is written to it is counted."""

    def __init__(self, where):
        super().__init__(where)
        self.agents = {f"sallyport/{version(build)} (kubernetes)": build for build in (OURS, NEIGHBOUR)}
        assert len(self.agents) == 2
        self.names = ["web"]
        self.api.put(ingress("broken", rule("broken.test", path("/", "none"))))

    def replica(self, build):
        return self.gateway("--publish-address", ADDRESSES[build], "--lease", f"default/{LEASE}", binary=program(build))

    def grow(self, word, rounds=5, each=6):
        """Some seconds of changes: Ingresses that come, a few at a time, each when the former have their status."""
        writer = self.writer()
        for number in range(rounds):
            names = [f"{word}{number}-{at}" for at in range(each)]
            self.api.put(*(route(f"{name}.test", "web", name=name) for name in names))
            self.names += names
            self.await_addresses(writer)

    def lease(self):
        found = self.api.get("coordination.k8s.io/v1", "Lease", LEASE)
        return found["spec"] if found else {}

    def writer(self):
        """Which build's replica has written to the Lease last."""
        of_lease = [one for one in self.api.log() if one["verb"] in ("create", "patch") and "/leases" in one["target"] and one["status"] < 300]
        return self.agents[of_lease[-1]["userAgent"]]

    def addresses(self, name):
        status_there = self.api.get("networking.k8s.io/v1", "Ingress", name).get("status", {})
        return [one["ip"] for one in status_there.get("loadBalancer", {}).get("ingress", [])]

    def await_addresses(self, build):
        def all_have():
            return all(self.addresses(name) == [ADDRESSES[build]] for name in self.names)
        await_that(all_have, lambda: f"{build}: {[(name, self.addresses(name)) for name in self.names]}")

    def writes(self, since=0):
        """(build, Ingress) of each status that was written, in order; none was refused."""
        sent = self.api.requests("patch", "/status?", since)
        assert {one["status"] for one in sent} <= {200}, sent
        return [(self.agents[one["userAgent"]], re.search(r"/ingresses/([^/]+)/status", one["target"]).group(1)) for one in sent]

    def assert_written_once(self, build, names, since):
        """And by nobody else, nor anything else."""
        wanted = sorted((build, name) for name in names if name != "broken")
        assert sorted(one for one in self.writes(since) if one[1] != "broken") == wanted
        assert {writer for writer, _ in self.writes(since)} <= {build}


def test_one_of_them_writes_whoever_is_killed_and_nothing_is_written_twice(tmp_path):
    with Watched(tmp_path) as cluster:
        first = cluster.replica(OURS)
        try:
            first.errors.wait_for("this replica writes them")
            with cluster.replica(NEIGHBOUR) as second:
                second.errors.wait_for("statuses and Events: .* writes them")
                cluster.grow("first")
                cluster.assert_written_once(OURS, cluster.names, 0)

                since, so_far = len(cluster.api.log()), list(cluster.names)
                first.kill()
                second.errors.wait_for("this replica writes them")
                cluster.await_addresses(NEIGHBOUR)
                cluster.grow("second")
                cluster.assert_written_once(NEIGHBOUR, cluster.names, since)
                assert set(so_far) < set(cluster.names)

                with cluster.replica(OURS) as third:
                    third.errors.wait_for("statuses and Events: .* writes them")
                    assert not re.search("this replica writes them", third.errors.text())
                    since = len(cluster.api.log())
                    second.finish()
                    third.errors.wait_for("this replica writes them")
                    cluster.await_addresses(OURS)
                    cluster.grow("third")
                    cluster.assert_written_once(OURS, cluster.names, since)
        finally:
            first.kill()
        turns = [build for at, (build, _) in enumerate(cluster.writes()) if at == 0 or cluster.writes()[at - 1][0] != build]
        assert turns == [OURS, NEIGHBOUR, OURS]
        assert cluster.lease()["leaseTransitions"] == 2, "each has read what the other wrote"
        told = [one for one in cluster.api.requests("create", "/events") if "ServiceNotFound" in one["body"]]
        assert [one["status"] for one in told if one["status"] < 300] == [201], "of three who say the same, one Event"


@pytest.mark.parametrize(("writer", "reader"), [(OURS, NEIGHBOUR), (NEIGHBOUR, OURS)], ids=["older to newer", "newer to older"])
def test_what_one_keeps_as_last_good_the_other_serves(tmp_path, writer, reader):
    world = World(tmp_path)
    world.folder.write("new.yaml", route("new.test", "web", name="new"))
    with world.gateway(binary=program(writer)) as gateway:
        assert status(gateway) == 200
        await_kept(gateway)
    kept = world.kept / "last-good.json"
    assert json.loads(kept.read_text())["metadata"]["by"] == version(writer)
    world.lose_folder()
    with world.gateway(binary=program(reader), tls=True) as gateway:
        assert (status(gateway), status(gateway, "new.test")) == (200, 200)
        assert "until the source answers" in gateway.errors.text()
        world.find_folder()
        world.folder.write("new.yaml", route("newer.test", "web", name="new"))
        await_host(gateway, "newer.test")
        await_kept(gateway)
    assert json.loads(kept.read_text())["metadata"]["by"] == version(reader)
    world.origin.listener.close()
