# SPDX-License-Identifier: Apache-2.0
"""The Ingress scenarios of the end-to-end tests with the objects in a real API server, and endpoints by the real controllers: the
tests are the same, what `serve` starts is another.
"""
import collections
import copy
import json

import pytest
from api import path_of
from certificates import Authority, dial
from cluster import accepted, asked_until
from folder import ingress, path, route, rule
from gateway import Gateway
from images import echoes
from raw_client import Client, once, request
from test_ingress_scenarios import (Served, beyond, default_backend, path_rules, test_beyond_the_suite, test_default_backend,  # noqa: F401
                                    test_host_rules, test_host_rules_by_tls_with_the_certificate_of_the_secret, test_path_rules)

RESOURCES = {"Ingress": "ingresses", "Service": "services", "Secret": "secrets"}


class ServedFromCluster(Served):
    """The objects in a namespace of their own, a Deployment for each name, and a gateway that reads this namespace."""

    def __init__(self, cluster, namespace, names, *objects, **more):
        for name in names:
            cluster.apply(*echoes(name, namespace), namespace=namespace)
        for item in in_order_of_age(objects):
            put(cluster, namespace, item)
        pods = cluster.await_ready(namespace, len(names))
        for name in names:
            cluster.await_endpoints(namespace, name, [pod["status"]["podIP"] for pod in pods.values() if pod["metadata"]["labels"]["app"] == name])
        self.gateway = Gateway(cluster.source(namespace), **more)

    def finish(self):
        self.gateway.finish()


def in_order_of_age(objects):
    return sorted(objects, key=lambda item: item["metadata"].get("creationTimestamp", ""))


def put(cluster, namespace, item):
    """As the cluster has it: its namespace, and a time of creation that is the server's. Who says that he was created is later than
    whoever was before him.
    """
    item = copy.deepcopy(item)
    created = item["metadata"].pop("creationTimestamp", None)
    if item["kind"] == "IngressClass":
        del item["metadata"]["namespace"]
        cluster.apply(item)
        return
    item["metadata"]["namespace"] = namespace
    resource = RESOURCES[item["kind"]]
    before = [other["metadata"]["creationTimestamp"] for other in cluster.api.list(resource, namespace)] if created else []
    while cluster.api.create(resource, namespace, item)["metadata"]["creationTimestamp"] in before:  # its unit is the second
        cluster.api.delete(resource, namespace, item["metadata"]["name"])


@pytest.fixture(scope="module")
def serve(cluster, numbers):
    started = []

    def start(*arguments, **more):
        namespace = f"ingress-{next(numbers)}"
        cluster.add_namespace(namespace)
        started.append(ServedFromCluster(cluster, namespace, *arguments, **more))
        return started[-1]

    yield start
    for one in started:
        one.finish()


@pytest.fixture(scope="module")
def host_rules(serve, tmp_path_factory):
    authority = Authority(tmp_path_factory.mktemp("authority"))
    one = serve(["wildcard-foo-com", "foo-bar-com"],
                ingress("host-rules", rule("*.foo.com", path("/", "wildcard-foo-com")), rule("foo.bar.com", path("/", "foo-bar-com", port="http")),
                        tls=[{"hosts": ["foo.bar.com"], "secretName": "conformance-tls"}]),
                authority.pair("foo.bar.com").secret("conformance-tls"), tls=True)
    one.authority = authority
    return one


def test_a_foreign_class_gets_no_traffic(cluster, namespace):
    foreign = route("foreign.test", "web", "foreign")
    foreign["spec"]["ingressClassName"] = "some-invalid-class-name"
    cluster.apply(*echoes("web", namespace), namespace=namespace)
    for item in (foreign, route("ours.test", "web", "ours")):
        put(cluster, namespace, item)
    cluster.await_ready(namespace, 1)
    with Gateway(cluster.source(namespace)) as gateway:
        gateway.errors.wait_for(accepted("Ingress", namespace, "ours"))
        assert once(gateway.address, request("GET", "foreign.test")).status == 404


def pods_reached(gateway, count):
    return collections.Counter(json.loads(once(gateway.address, request("GET", "web.test")).body)["pod"] for _ in range(count))


def test_requests_reach_all_pods_while_their_number_changes(cluster, namespace):
    """load_balancing: 100 requests reach all 10 endpoints, each as often as the others."""
    cluster.apply(*echoes("web", namespace, replicas=2), namespace=namespace)
    put(cluster, namespace, route("web.test", "web"))
    cluster.await_ready(namespace, 2)
    with Gateway(cluster.source(namespace)) as gateway:
        gateway.errors.wait_for(accepted("Ingress", namespace, "web"))
        for count in (10, 3):
            cluster.api.merge("deployments", namespace, "web", {"spec": {"replicas": count}})
            pods = set(cluster.await_ready(namespace, count))
            asked_until(lambda pods=pods: set(pods_reached(gateway, len(pods))) == pods)  # it hears of it by a watch of its own
            reached = pods_reached(gateway, 10 * count)
            assert reached == dict.fromkeys(pods, 10)


def shown(authority, gateway):
    """The names in the certificate that a client is shown."""
    with Client(gateway.tls_address, tls=dial(authority.client(alpn=("http/1.1",)), "web.test")) as client:
        return tuple(name for _, name in client.socket.getpeercert()["subjectAltName"])


def test_a_secret_that_changes_is_shown_to_the_next_client(cluster, namespace, tmp_path):
    """Rotation by the API: the certificate of the next handshake is the new one."""
    authority = Authority(tmp_path)
    names = [("web.test",), ("web.test", "second.test")]
    cluster.apply(*echoes("web", namespace), namespace=namespace)
    secured = route("web.test", "web")
    secured["spec"]["tls"] = [{"hosts": ["web.test"], "secretName": "pair"}]
    put(cluster, namespace, secured)
    put(cluster, namespace, authority.pair(*names[0]).secret("pair"))
    cluster.await_ready(namespace, 1)
    with Gateway(cluster.source(namespace), tls=True) as gateway:
        assert shown(authority, gateway) == names[0]
        renewed = authority.pair(*names[1]).secret("pair")
        cluster.api.ask("PATCH", path_of("secrets", namespace, "pair"), {"data": renewed["data"]}, "application/merge-patch+json")
        asked_until(lambda: shown(authority, gateway) == names[1])
