# SPDX-License-Identifier: Apache-2.0
"""What goes back to an API server while others interfere (reference: reliability-security.md 3.7, 3.8; R15, R16 in small; `make soak` does
more with a real one): somebody who rewrites our statuses, and a Lease that is robbed. Traffic does not feel either.
"""
import contextlib
import re
import time

import pytest
from cluster_world import TOKEN, USER, addresses, await_host, serving, who_writes
from fake_api import await_that
from folder import described, route

OURS, THEIRS = "192.0.2.7", "198.51.100.1"
LEASE = "default/gateway"
STATUSES = r"/ingresses/([^/]+)/status"
ROBBERIES = 3

pytestmark = pytest.mark.usefixtures("pod_network")


def writing(cluster):
    return cluster.gateway("--publish-address", OURS, "--lease", LEASE)


def listing(address):
    return {"status": {"loadBalancer": {"ingress": [{"ip": address}]}}}


def await_ours(cluster, name="web"):
    await_that(lambda: addresses(cluster, name) == [OURS], lambda: f"{name} has {addresses(cluster, name)}")


def status_writes(cluster, since):
    """(user, name) of each."""
    return [(one["user"], re.search(STATUSES, one["target"])[1]) for one in cluster.api.requests("patch", "/status", since)]


def test_who_rewrites_a_status_again_and_again_is_answered_seldom(cluster):
    with writing(cluster) as gateway, serving(gateway, "web.test") as all_are_served:
        await_ours(cluster)
        since, begun, rewritten = len(cluster.api.log()), time.monotonic(), 0
        while len(status_writes(cluster, since)) < 3:
            cluster.api.put(route("web.test", "web") | listing(THEIRS))
            rewritten += 1
            all_are_served()
        took = time.monotonic() - begun
        assert 3 <= len(status_writes(cluster, since)) <= 2 + 2 * took < rewritten
        await_ours(cluster)


# A Lease that is robbed.


def lease(cluster):
    return cluster.api.get("coordination.k8s.io/v1", "Lease", "gateway")


def give_lease_to(cluster, holder):
    """Whoever has it: as somebody would who does not keep to the rules."""
    spec = lease(cluster)["spec"] | {"holderIdentity": holder}
    cluster.api.put(described("coordination.k8s.io/v1", "Lease", "gateway") | {"spec": spec})


@contextlib.contextmanager
def replicas(cluster):
    """Two, of different users, so that the log tells them apart; {user: gateway}"""
    users = {USER: TOKEN, "another": "another-token"}
    cluster.api.behave(tokens={token: user for user, token in users.items()})
    with contextlib.ExitStack() as open_:
        found = {}
        for number, (user, token) in enumerate(users.items()):
            cluster.config = cluster.api.kubeconfig(token=token, name=f"kubeconfig{number}")
            found[user] = open_.enter_context(writing(cluster))
        yield found


def test_a_lease_that_is_robbed_stops_no_request_and_never_two_replicas_write(cluster):
    with replicas(cluster) as gateways, contextlib.ExitStack() as all_serve:
        for gateway in gateways.values():
            all_serve.enter_context(serving(gateway, "web.test"))
        await_ours(cluster)
        for number in range(ROBBERIES):
            leader = who_writes(gateways.values())
            said = len(leader.errors.lines)
            give_lease_to(cluster, "a-thief")
            leader.errors.wait_for("this replica does not write them any more", said)
            since, name = len(cluster.api.log()), f"new{number}"
            cluster.route(f"{name}.test", name)
            for gateway in gateways.values():
                await_host(gateway, f"{name}.test")
            assert status_writes(cluster, since) == [], "nobody leads"
            give_lease_to(cluster, "")
            await_ours(cluster, name)
            leader = who_writes(gateways.values())
            assert set(status_writes(cluster, since)) == {(user, name) for user, gateway in gateways.items() if gateway is leader}
            assert lease(cluster)["spec"]["holderIdentity"] not in ("", "a-thief")
