# SPDX-License-Identifier: Apache-2.0
"""What goes back to a real API server: addresses of Ingresses, Events, and by one of two replicas."""
from folder import ingress, path, route, rule
from gateway import Gateway, built
from images import echoes
from test_ingress import put

ADDRESS = "192.0.2.7"
OTHER_ADDRESS = "192.0.2.8"


def writing(namespace, address=ADDRESS):
    """The options of a replica that writes when it holds the Lease."""
    return ["--publish-address", address, "--lease", f"{namespace}/gateway"]


def addresses(item):
    return [one.get("ip") for one in item["status"]["loadBalancer"].get("ingress", ())]


def holder(cluster, namespace, other_than=None):
    """Who holds the Lease, once somebody does who is another."""
    def held(leases):
        identity = leases.get("gateway", {}).get("spec", {}).get("holderIdentity")
        return identity if identity not in (None, "", other_than) else None

    return cluster.api.until(held, "leases", namespace)


def test_an_ingress_lists_the_addresses_once_it_is_served_and_one_of_another_class_does_not(cluster, namespace):
    cluster.apply(*echoes("web", namespace), namespace=namespace)
    put(cluster, namespace, route("web.test", "web"))
    foreign = route("foreign.test", "web", "foreign")
    foreign["spec"]["ingressClassName"] = "of-somebody-else"
    put(cluster, namespace, foreign)
    with Gateway(cluster.source(namespace), *writing(namespace)):
        cluster.api.until(lambda found: addresses(found["web"]) == [ADDRESS], "ingresses", namespace)
        late = route("late.test", "web", "late")
        put(cluster, namespace, late)
        cluster.api.until(lambda found: addresses(found["late"]) == [ADDRESS], "ingresses", namespace)
        assert addresses(cluster.api.get("ingresses", namespace, "foreign")) == []


def test_a_finding_is_an_event_of_its_object(cluster, namespace):
    put(cluster, namespace, ingress("broken", rule("broken.test", path("/", "no-such-service"))))

    def of_broken(events):
        return [item["reason"] for item in events.values() if item["involvedObject"]["name"] == "broken"]

    with Gateway(cluster.source(namespace), *writing(namespace)):
        assert cluster.api.until(of_broken, "events", namespace) == ["ServiceNotFound"]


def test_one_replica_writes_and_the_other_takes_over(cluster, namespace):
    cluster.apply(*echoes("web", namespace), namespace=namespace)
    with Gateway(cluster.source(namespace), *writing(namespace)) as first:
        identity = holder(cluster, namespace)
        with Gateway(cluster.source(namespace), *writing(namespace)):
            first.finish()
            holder(cluster, namespace, other_than=identity)
            put(cluster, namespace, route("web.test", "web"))
            cluster.api.until(lambda found: addresses(found["web"]) == [ADDRESS], "ingresses", namespace)


def test_a_killed_holder_is_followed_by_another_build(cluster, namespace):
    """Which publishes another address, so that a fight would be seen: each writes what it would have, once it is its turn."""
    cluster.apply(*echoes("web", namespace), namespace=namespace)
    put(cluster, namespace, route("web.test", "web"))
    first = Gateway(cluster.source(namespace), *writing(namespace))
    try:
        identity = holder(cluster, namespace)
        cluster.api.until(lambda found: addresses(found["web"]) == [ADDRESS], "ingresses", namespace)
        options = writing(namespace, OTHER_ADDRESS)
        with Gateway(cluster.source(namespace), *options, binary=built("sallyport_neighbour")) as second:
            second.errors.wait_for("statuses and Events: .* writes them")
            first.kill()
            holder(cluster, namespace, other_than=identity)
            cluster.api.until(lambda found: addresses(found["web"]) == [OTHER_ADDRESS], "ingresses", namespace)
            put(cluster, namespace, route("late.test", "web", "late"))
            cluster.api.until(lambda found: "late" in found and addresses(found["late"]) == [OTHER_ADDRESS], "ingresses", namespace)
            assert cluster.api.get("leases", namespace, "gateway")["spec"]["leaseTransitions"] == 1
            assert "somebody else writes it too" not in second.errors.text()
    finally:
        first.kill()
