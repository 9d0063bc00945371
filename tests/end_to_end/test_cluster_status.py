# SPDX-License-Identifier: Apache-2.0
"""What `run` writes back to an API server (docs/status.md): addresses of Ingresses, by whoever holds the Lease, whatever the API server
makes of it.
"""
import pytest
from cluster_world import addresses, await_host, serving
from fake_api import await_that
from folder import route
from last_good_world import status

ADDRESS = "192.0.2.7"
WRITING = ("--publish-address", ADDRESS, "--lease", "default/gateway")
STATUSES = "/status?"

pytestmark = pytest.mark.usefixtures("pod_network")


def await_address(cluster, gateway, name="web"):
    await_that(lambda: addresses(cluster, name) == [ADDRESS], gateway.errors.text)


def holder(cluster):
    """Empty: nobody."""
    lease = cluster.api.get("coordination.k8s.io/v1", "Lease", "gateway") or {"spec": {}}
    return lease["spec"].get("holderIdentity", "")


def of_somebody_else(item):
    item["spec"]["ingressClassName"] = "of-somebody-else"
    return item


def test_an_ingress_lists_the_addresses_once_it_is_served(cluster):
    cluster.api.put(of_somebody_else(route("foreign.test", "web", name="foreign")))
    with cluster.gateway(*WRITING) as gateway:
        await_address(cluster, gateway)
        cluster.route("late.test", "late")
        await_address(cluster, gateway, "late")
        assert status(gateway, "late.test") == 200
        assert addresses(cluster, "foreign") == []
        cluster.api.put(of_somebody_else(route("late.test", "web", name="late") | {"status": status_of(cluster, "late")}))
        await_that(lambda: addresses(cluster, "late") == [], gateway.errors.text)
        written = cluster.api.requests("patch", STATUSES)
        assert len(written) == 3 and all(one["status"] == 200 for one in written)


def status_of(cluster, name):
    return cluster.api.get("networking.k8s.io/v1", "Ingress", name)["status"]


def test_without_a_lease_nothing_is_written(cluster):
    with cluster.gateway("--publish-address", ADDRESS, "--lease", "off") as gateway:
        with serving(gateway, "web.test"):
            cluster.route("late.test", "late")
            await_host(gateway, "late.test")
        gateway.finish()
    assert {one["verb"] for one in cluster.api.log()} <= {"get", "list", "watch"}


def test_at_term_the_lease_is_given_back_and_the_other_replica_writes(cluster):
    with cluster.gateway(*WRITING) as first:
        await_address(cluster, first)
        identity = holder(cluster)
        with cluster.gateway(*WRITING) as second:
            second.errors.wait_for(f"statuses and Events: {identity} writes them")
            cluster.route("late.test", "late")
            await_address(cluster, first, "late")
            first.finish()
            # The one that ends says so; a second replica that waited for the end of the Lease would find its holder there.
            assert any('"holderIdentity":""' in one["body"] for one in cluster.api.requests("patch", "/leases/gateway"))
            second.errors.wait_for("statuses and Events: this replica writes them")
            assert holder(cluster) not in ("", identity)
            cluster.route("later.test", "later")
            await_address(cluster, second, "later")
    # Nothing was written twice: what the first replica wrote is as the second one wants it.
    assert len(cluster.api.requests("patch", STATUSES)) == 3
    assert holder(cluster) == ""


def test_a_write_from_a_version_that_is_old_is_refused_and_made_anew(cluster):
    may_lead = cluster.api.rule("* */leases*", hold=True)
    with cluster.gateway(*WRITING) as gateway:
        cluster.api.watches("*/ingresses?*", do="hold")
        newer = route("web.test", "web")
        newer["metadata"]["annotations"] = {"somebody.test/else": "was faster"}
        cluster.api.put(newer)
        may_lead()
        cluster.api.await_request("patch", STATUSES)
        await_that(lambda: [one["status"] for one in cluster.api.requests("patch", STATUSES)] == [409], gateway.errors.text)
        assert addresses(cluster) == []
        cluster.api.watches("*/ingresses?*", do="release")
        await_address(cluster, gateway)
        assert [one["status"] for one in cluster.api.requests("patch", STATUSES)] == [409, 200]
        assert cluster.api.get("networking.k8s.io/v1", "Ingress", "web")["metadata"]["annotations"] == newer["metadata"]["annotations"]


def test_a_right_that_is_missing_is_said_once_and_traffic_does_not_feel_it(cluster):
    cluster.route("other.test", "other")
    allow = cluster.api.rule("patch *ingresses/*/status*", code=403)
    with cluster.gateway(*WRITING) as gateway, serving(gateway, "web.test", "other.test"):
        said = gateway.errors.wait_for("status of Ingress .* is not written: 403")
        assert "it needs the right to patch ingresses/status" in said
        cluster.api.await_request("patch", STATUSES, count=2)
        cluster.route("late.test", "late")
        await_host(gateway, "late.test")
        cluster.api.await_request("patch", STATUSES, count=3)
        allow()
        cluster.route("allowed.test", "allowed")
        await_address(cluster, gateway, "allowed")
        assert sum("is not written" in line for line in gateway.errors.lines) == 1
        # Each was tried once, and that of who came later was as good as any.
        assert len(cluster.api.requests("patch", STATUSES)) == 4
