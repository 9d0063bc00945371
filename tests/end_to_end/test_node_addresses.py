# SPDX-License-Identifier: Apache-2.0
"""Addresses of Ingresses where nobody names them: those of the nodes on which pods like ours are ready (docs/status.md)."""
import contextlib

import pytest
from fake_api import await_that
from folder import described
from gateway import once_done

SPACE = "gateways"
LABELS = {"app": "gate", "pod-template-hash": "7f9c"}
IDENTITY = {"POD_NAME": "gate-one", "POD_NAMESPACE": SPACE}

pytestmark = pytest.mark.usefixtures("pod_network")


@pytest.fixture
def cluster(cluster):
    """With two nodes, and this pod on one of them."""
    cluster.api.put(node("node-1", InternalIP="10.0.0.1"), node("node-2", InternalIP="10.0.0.2", ExternalIP="192.0.2.2"), pod("gate-one", "node-1"))
    return cluster


def node(name, **addresses):
    listed = [{"type": kind, "address": address} for kind, address in addresses.items()]
    return described("v1", "Node", name, None) | {"status": {"addresses": listed}}


def pod(name, on, ready=True, labels=None):
    conditions = [{"type": "Ready", "status": str(ready)}]
    zone = {"topology.kubernetes.io/zone": f"zone-of-{on}"}  # as an API server writes it to each pod
    return described("v1", "Pod", name, SPACE, labels=(labels or LABELS) | zone) | {"spec": {"nodeName": on}, "status": {"conditions": conditions}}


@contextlib.contextmanager
def leading(cluster, *options):
    with cluster.gateway("--publish-nodes", "on", "--lease", f"{SPACE}/gate", *options, environment=IDENTITY) as gateway:
        yield gateway


def listed(cluster, name="web"):
    status = cluster.api.get("networking.k8s.io/v1", "Ingress", name).get("status", {})
    return [one["ip"] for one in status.get("loadBalancer", {}).get("ingress", ())]


def await_listed(cluster, *addresses):
    await_that(lambda: listed(cluster) == list(addresses), lambda: f"{listed(cluster)}, not {addresses}")


def test_ingresses_list_the_nodes_of_ready_pods_and_follow_them(cluster):
    with leading(cluster):
        await_listed(cluster, "10.0.0.1")
        cluster.api.put(pod("gate-two", "node-2"), pod("other", "node-2", labels={"app": "other"}))
        await_listed(cluster, "10.0.0.1", "192.0.2.2")
        cluster.api.put(pod("gate-one", "node-1", ready=False))
        await_listed(cluster, "192.0.2.2")
        cluster.api.put(pod("gate-one", "node-1"))
        await_listed(cluster, "10.0.0.1", "192.0.2.2")
        cluster.api.remove(pod("gate-two", "node-2"))
        await_listed(cluster, "10.0.0.1")


def test_what_is_not_known_is_not_written_over(cluster):
    with leading(cluster) as gateway:
        await_listed(cluster, "10.0.0.1")
        cluster.api.put(pod("gate-one", "node-1", ready=False))
        gateway.errors.wait_for("no pod of namespace gateways with the labels app=gate is ready on a node; addresses of Ingresses stay")
        remove = cluster.api.rule("get */nodes/node-2", code=503)
        since = len(cluster.api.log())
        cluster.api.put(pod("gate-two", "node-2"))
        cluster.api.await_request("get", "/nodes/node-2", since, 2)
        assert listed(cluster) == ["10.0.0.1"]
        remove()
        await_listed(cluster, "192.0.2.2")


def test_who_does_not_lead_asks_for_no_pod_and_no_node(cluster):
    with leading(cluster):
        await_listed(cluster, "10.0.0.1")
        since = len(cluster.api.log())
        with leading(cluster) as second:
            second.errors.wait_for("statuses and Events: .* writes them")
            asked = [one["target"] for one in cluster.api.log(since)]
            assert not [target for target in asked if "/pods" in target or "/nodes" in target]


@pytest.mark.parametrize("what, named", [("*/pods/gate-one*", "Pod gateways/gate-one"), ("*/pods?*", "pods in namespace gateways"),
                                         ("*/nodes/*", "Node node-1")])
def test_a_right_that_is_missing_is_a_line_and_the_rest_goes_on(cluster, what, named):
    cluster.api.rule(f"* {what}", code=403)
    with leading(cluster) as gateway:
        assert "addresses of Ingresses stay as they are" in gateway.errors.wait_for(named)
        assert listed(cluster) == []
        since = len(gateway.errors.lines)
        cluster.api.put(cluster.endpoints("2"))
        gateway.errors.wait_for("EndpointSlice default/web-2", since)


def test_other_addresses_and_no_pod_ask_for_nothing_of_the_kind(cluster):
    since = len(cluster.api.log())
    with cluster.gateway("--publish-address", "203.0.113.7", "--lease", f"{SPACE}/gate", environment=IDENTITY):
        await_listed(cluster, "203.0.113.7")
    with cluster.gateway("--lease", f"{SPACE}/gate", environment=IDENTITY) as gateway:
        gateway.errors.wait_for("this replica writes them")
    assert not cluster.api.requests(target="/nodes", since=since) and not cluster.api.requests(target="/pods", since=since)


@pytest.mark.parametrize("options, environment, named", [
    (("on",), {}, "POD_NAMESPACE and POD_NAME have to say which pod this is"),
    (("on", "--publish-address", "192.0.2.1"), IDENTITY, "--publish-nodes on: --publish-address and --publish-service say something else"),
    (("on", "--publish-service", "edge/gate"), IDENTITY, "--publish-nodes on: --publish-address and --publish-service say something else"),
    (("maybe",), IDENTITY, "--publish-nodes: maybe not in")])
def test_what_cannot_be_is_refused_at_the_start(cluster, options, environment, named):
    environment = {"POD_NAME": "", "POD_NAMESPACE": ""} | environment
    code, _, errors = once_done("run", "--kubeconfig", cluster.config, "--publish-nodes", *options, environment=environment)
    assert code == 2 and named in errors, errors


def test_a_folder_has_no_nodes(tmp_path):
    code, _, errors = once_done("run", "--config", tmp_path, "--publish-nodes", "off")
    assert code == 2 and "--publish-nodes: it needs --kubernetes or --kubeconfig" in errors
