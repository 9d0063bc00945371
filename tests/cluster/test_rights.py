# SPDX-License-Identifier: Apache-2.0
"""The rights that chart and manifests give are those that are used, no less and no more: a gateway goes through all that it does,
and what the API server was asked is held against what was granted.

The API server is one without lists by watch, so that lists are asked for as older ones are: with them nobody would use `list`.
"""
import dataclasses

import pytest
import yaml
from api import path_of
from certificates import Authority, dial
from charts import Chart
from cluster import asked_until
from folder import described, ingress, path, rule
from images import echoes, pods_service
from programs import ROOT
from raw_client import Client, once, request

PORT = 6444
NAME = "kube-apiserver-without-watch-lists"
ADDRESS = "192.0.2.8"
CASES = {
    "plain": (),
    "nodes": ("kind=DaemonSet", "hostPorts.http=8280", "hostPorts.https=8643", 'nodeSelector={"kubernetes.io/hostname":"node-1"}'),
    "labels": ("watch.namespaceSelector=team=labels", f'publishAddresses=["{ADDRESS}"]'),
    "narrow": ('watch.namespaces=["rights-narrow"]',),
}
EVERYWHERE = None
QUICK = ("lameduckSeconds=0", "drainSeconds=1")
# What everybody may who has an account (system:discovery).
FREE = ("/apis", "/api", "/version")


@dataclasses.dataclass(frozen=True)
class Right:
    namespace: str | None  # EVERYWHERE
    group: str
    resource: str
    verb: str
    name: str = ""  # of the one object; empty: of any

    def covers(self, use):
        return (self.group, self.resource, self.verb) == (use.group, use.resource, use.verb) and self.namespace in (EVERYWHERE, use.namespace) \
            and self.name in ("", use.name)

    def __str__(self):
        where = f" in {self.namespace}" if self.namespace else ""
        return f"{self.verb} {self.resource}{'.' if self.group else ''}{self.group} {self.name}".rstrip() + where


def granted(objects):
    """By the roles among them."""
    return {Right(item["metadata"].get("namespace", EVERYWHERE), group, resource, verb, name)
            for item in objects if item["kind"] in ("ClusterRole", "Role") for one in item["rules"]
            for group in one["apiGroups"] for resource in one["resources"] for verb in one["verbs"] for name in one.get("resourceNames", [""])}


def used(events):
    """What objects were asked for."""
    for event in events:
        of = event.get("objectRef")
        if of is None or "resource" not in of:
            assert event["requestURI"].partition("?")[0].startswith(FREE), event["requestURI"]
            continue
        resource = of["resource"] + ("/" + of["subresource"] if "subresource" in of else "")
        yield Right(of.get("namespace", EVERYWHERE), of.get("apiGroup", ""), resource, event["verb"], of.get("name", ""))


@pytest.fixture(scope="module")
def older(cluster):
    cluster.install_own_kinds()
    api = cluster.start_api_server(NAME, PORT, "--feature-gates=WatchList=false", "--endpoint-reconciler-type=none")
    asked_until(lambda: api.status("GET", path_of("gateroutes")) == 200)
    yield api
    cluster.end(NAME)


def objects_of(text):
    """The workload's pods ask the older API server."""
    objects = [item for item in yaml.safe_load_all(text) if item]
    for item in objects:
        if item["kind"] in ("Deployment", "DaemonSet"):
            [container] = item["spec"]["template"]["spec"]["containers"]
            container.setdefault("env", []).append({"name": "KUBERNETES_SERVICE_PORT", "value": str(PORT)})
    return objects


class Life:
    """A gateway in a namespace of its own, with all that it may meet in it."""

    def __init__(self, cluster, word, authority):
        self.cluster, self.word, self.authority = cluster, word, authority
        self.space, self.release = f"rights-{word}", f"{word}-sallyport"
        # Its own, for all of these gateways serve all classes of their controller, and the oldest object has a host.
        self.web, self.own, self.wrong = (f"{name}-{word}.test" for name in ("web", "own", "wrong"))
        cluster.add_namespace(self.space, team=word)
        values = (*CASES[word], *QUICK, f"ingressClass.name={word}")
        self.objects = objects_of(Chart(self.space).text(*values, release=self.release))
        self.labels = f"app.kubernetes.io/instance={self.release}"

    def begin(self):
        secure = pods_service("secure", self.space, ports=[{"name": "https", "port": 443, "targetPort": "http", "appProtocol": "https"}])
        secure["metadata"]["annotations"] = {"sallyport.dev/upstream-ca": "configmap/authorities"}
        secure["spec"]["selector"] = {"app": "web"}
        own = described("sallyport.dev/v1alpha1", "GateRoute", "own", self.space) | {
            "spec": {"hosts": [self.own], "rules": [{"backends": [{"service": "web", "port": 80}]}]}}
        authorities = described("v1", "ConfigMap", "authorities", self.space) | {"data": {"ca.crt": self.authority.certificate}}
        web = ingress("web", rule(self.web, path("/", "web"), path("/secure", "secure", port="https")), namespace=self.space,
                      of_class=self.word, tls=[{"hosts": [self.web], "secretName": "pair"}])
        self.cluster.apply(*echoes("web", self.space), secure, own, authorities, web, self.broken("no-such-service"),
                           self.authority.pair(self.web).secret("pair", self.space), namespace=self.space)
        self.cluster.apply(*self.objects, namespace=self.space)

    def broken(self, service):
        return ingress("broken", rule(self.wrong, path("/", service)), namespace=self.space, of_class=self.word)

    def addresses(self, count):
        return [pod["status"]["podIP"] for pod in self.cluster.await_ready(self.space, count, self.labels).values()]

    def serves(self, count):
        """Each of its pods has the Ingress, its certificate and the GateRoute."""
        for address in self.addresses(count):
            for host in (self.web, self.own):
                asked_until(lambda host=host, address=address: once((address, 8080), request("GET", host)).status == 200)
            with Client((address, 8443), tls=dial(self.authority.client(alpn=("http/1.1",)), self.web)) as client:
                assert client.get(self.web).status == 200
        return self.addresses(count)[0]

    def is_told(self):
        """The Ingress has an address and the finding an Event, which counts when it comes back."""
        api = self.cluster.api
        if any(item["kind"] == "Service" for item in self.objects):
            api.merge("services", self.space, self.release, {"status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}}, "status")
        api.until(lambda found: found["web"]["status"]["loadBalancer"].get("ingress"), "ingresses", self.space)

    def finding_comes_back(self, address):
        def event(holds):
            return self.cluster.api.until(lambda found: [one for one in found.values() if one["involvedObject"]["name"] == "broken" and
                                                         one["reason"] == "ServiceNotFound" and holds(one)], "events", self.space)

        event(lambda one: True)
        self.cluster.apply(self.broken("web"), namespace=self.space)
        asked_until(lambda: once((address, 8080), request("GET", self.wrong)).status == 200)
        self.cluster.apply(self.broken("no-such-service"), namespace=self.space)
        event(lambda one: (one.get("series") or {}).get("count", 0) >= 2)

    def holder(self, former=None):
        def held(leases):
            by = leases.get(self.release, {}).get("spec", {}).get("holderIdentity")
            return by if by not in (None, "", former) else None

        return self.cluster.api.until(held, "leases", self.space)

    def restarts(self, count):
        """All of its pods at once; another one leads."""
        former, before = self.holder(), set(self.cluster.pods(self.space, self.labels))
        for name in before:
            self.cluster.api.delete("pods", self.space, name)
        self.cluster.api.until(lambda pods: not before & set(pods), "pods", self.space, self.labels)
        self.holder(former)
        return self.serves(count)

    def finish(self):
        for kind in ("deployments", "daemonsets", "ingresses", "gateroutes"):
            for item in self.cluster.api.list(kind, self.space):
                self.cluster.api.delete(kind, self.space, item["metadata"]["name"], propagationPolicy="Background")


def is_without_right(status):
    """A namespace of another test's that is being deleted takes no Events, whatever the rights."""
    return status.get("code") == 403 and "NamespaceTerminating" not in str(status)


@pytest.mark.parametrize("word", CASES)
def test_every_right_is_used_and_no_other(cluster, older, word, tmp_path):
    life = Life(cluster, word, Authority(tmp_path))
    count = 1 if word == "nodes" else 2
    life.begin()
    try:
        life.serves(count)
        life.is_told()
        life.finding_comes_back(life.restarts(count))
    finally:
        life.finish()
    events = cluster.audited(NAME, f"{life.space}:{life.release}")
    assert not [event["requestURI"] for event in events if is_without_right(event.get("responseStatus", {}))]
    uses, rights = set(used(events)), granted(life.objects)
    assert uses and not [str(use) for use in uses if not any(right.covers(use) for right in rights)], "used without a right"
    assert not sorted(str(right) for right in rights if not any(right.covers(use) for use in uses)), "rights that nobody used"
    assert not cluster.audited("kube-apiserver", f"{life.space}:{life.release}"), "it has asked another API server too"


def without_names(rights):
    """Who they belong to aside."""
    return {(right.namespace is EVERYWHERE, right.group, right.resource, right.verb, bool(right.name)) for right in rights}


@pytest.mark.parametrize("folder, word", [("manifests", "plain"), ("manifests/host-ports", "nodes")])
def test_the_manifests_give_the_same(folder, word):
    text = (ROOT / "deploy" / folder / "sallyport.yaml").read_text()
    chart = Chart().text(*CASES[word], release=f"{word}-sallyport")
    assert without_names(granted(objects_of(text))) == without_names(granted(objects_of(chart))) != set()
