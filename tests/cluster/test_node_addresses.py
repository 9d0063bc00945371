# SPDX-License-Identifier: Apache-2.0
"""The chart's DaemonSet: Ingresses list the nodes on which its pods are ready, read with the rights that the chart gives."""
import pytest
from charts import Chart
from folder import ingress, path, rule
from images import echoes
from test_status import addresses

SPACE, RELEASE, CLASS = "edge", "edge-sallyport", "of-the-edge"
VALUES = ("kind=DaemonSet", "hostPorts.http=8180", "hostPorts.https=8543", f"ingressClass.name={CLASS}", "lameduckSeconds=0", "drainSeconds=1")


def on_nodes(cluster, *names):
    """Its pods belong to these nodes. Those that stay are not replaced."""
    fits = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": list(names)}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [fits]}}}
    cluster.api.merge("daemonsets", SPACE, RELEASE, {"spec": {"updateStrategy": {"type": "OnDelete", "rollingUpdate": None},
                                                              "template": {"spec": {"affinity": affinity}}}})


def give_addresses(cluster, node, addresses_by_type):
    listed = [{"type": kind, "address": address} for kind, address in addresses_by_type.items()]
    cluster.api.merge("nodes", None, node, {"status": {"addresses": listed}}, "status")


@pytest.fixture
def daemon_set(cluster):
    cluster.add_namespace(SPACE)
    text = Chart(SPACE).text(*VALUES, release=RELEASE)
    cluster.kubectl("apply", "--server-side", "-f", "-", said=text)
    yield
    cluster.kubectl("delete", "-f", "-", "--wait=false", said=text)
    for node in cluster.api.list("nodes"):
        name, internal = node["metadata"]["name"], node["status"]["addresses"][0]["address"]
        give_addresses(cluster, name, {"InternalIP": internal, "Hostname": name})


def test_ingresses_list_the_nodes_of_its_pods_and_follow_them(cluster, namespace, daemon_set):
    cluster.apply(*echoes("web", namespace), ingress("web", rule("web.test", path("/", "web")), namespace=namespace, of_class=CLASS),
                  namespace=namespace)
    reached = {item["metadata"]["name"]: item["status"]["addresses"][0]["address"] for item in cluster.api.list("nodes")}

    def listed(*nodes):
        wanted = sorted(reached[node] for node in nodes)
        cluster.api.until(lambda found: sorted(addresses(found["web"])) == wanted, "ingresses", namespace)

    listed("node-1", "node-2", "node-3")
    on_nodes(cluster, "node-1", "node-2")
    listed("node-1", "node-2")
    on_nodes(cluster, "node-1")
    listed("node-1")
    give_addresses(cluster, "node-3", {"InternalIP": reached["node-3"], "ExternalIP": "192.0.2.3"})
    reached["node-3"] = "192.0.2.3"
    on_nodes(cluster, "node-1", "node-3")
    listed("node-1", "node-3")
