# SPDX-License-Identifier: Apache-2.0
"""The chart's DaemonSet: Ingresses list the nodes on which its pods are ready, read with the rights that the chart gives."""
import pytest
from charts import Chart
from folder import ingress, path, rule
from images import echoes
from test_status import addresses

SPACE, RELEASE, CLASS = "edge", "edge-sallyport", "of-the-edge"
VALUES = ("kind=DaemonSet", "hostPorts.http=8180", "hostPorts.https=8543", f"ingressClass.name={CLASS}", 'nodeSelector={"edge":"yes"}',
          "lameduckSeconds=0", "drainSeconds=1")


def mark(cluster, node, value):
    """Whether a pod of the DaemonSet belongs there."""
    cluster.api.merge("nodes", None, node, {"metadata": {"labels": {"edge": value}}})


def give_addresses(cluster, node, addresses_by_type):
    listed = [{"type": kind, "address": address} for kind, address in addresses_by_type.items()]
    cluster.api.merge("nodes", None, node, {"status": {"addresses": listed}}, "status")


@pytest.fixture
def daemon_set(cluster):
    cluster.add_namespace(SPACE)
    text = Chart(SPACE).text(*VALUES, release=RELEASE)
    for node in ("node-1", "node-2"):
        mark(cluster, node, "yes")
    cluster.kubectl("apply", "--server-side", "-f", "-", said=text)
    yield RELEASE
    cluster.kubectl("delete", "-f", "-", "--wait=false", said=text)
    for node in cluster.api.list("nodes"):
        name, internal = node["metadata"]["name"], node["status"]["addresses"][0]["address"]
        mark(cluster, name, None)
        give_addresses(cluster, name, {"InternalIP": internal, "Hostname": name})


def test_ingresses_list_the_nodes_of_its_pods_and_follow_them(cluster, namespace, daemon_set):
    cluster.apply(*echoes("web", namespace), ingress("web", rule("web.test", path("/", "web")), namespace=namespace, of_class=CLASS),
                  namespace=namespace)
    reached = {item["metadata"]["name"]: item["status"]["addresses"][0]["address"] for item in cluster.api.list("nodes")}

    def listed(*nodes):
        wanted = sorted(reached[node] for node in nodes)
        return cluster.api.until(lambda found: sorted(addresses(found["web"])) == wanted, "ingresses", namespace)

    assert {pod["spec"]["nodeName"] for pod in cluster.await_ready(SPACE, 2).values()} == {"node-1", "node-2"}
    listed("node-1", "node-2")
    mark(cluster, "node-2", "no")
    listed("node-1")
    give_addresses(cluster, "node-3", {"InternalIP": reached["node-3"], "ExternalIP": "192.0.2.3"})
    reached["node-3"] = "192.0.2.3"
    mark(cluster, "node-3", "yes")
    listed("node-1", "node-3")
