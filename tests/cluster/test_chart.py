# SPDX-License-Identifier: Apache-2.0
"""The chart and the manifests before the real API server: it takes every object, and grants what the chart asks for and no more."""
import pytest
import yaml
from api import Api, Refused, path_of
from charts import Chart
from cluster import asked_until
from folder import ingress, path, rule
from images import echoes
from programs import ROOT
from raw_client import once, request

SPACE = "chart"
CASES = {"plain": (), "daemon set": ("kind=DaemonSet",),
         "namespaces": ('watch.namespaces=["chart-shop","chart-blog"]', "watch.withoutClass=true"),
         "much": ("watch.namespaceSelector=team=shop", "ingressClass.default=true", 'trustedProxies=["10.0.0.0/8"]', "lastGood.keySecret=seal",
                  'networkPolicy.metricsFrom=[{"namespaceSelector":{}}]', 'podLabels={"team":"edge"}', 'nodeSelector={"edge":"true"}',
                  'tolerations=[{"operator":"Exists"}]', 'affinity={"nodeAffinity":{}}', "priorityClassName=system-cluster-critical",
                  "service.loadBalancerClass=example.test/metal"),
         "little": ("lastGood.enabled=false", "podDisruptionBudget.enabled=false", "networkPolicy.enabled=false", "serviceAccount.create=false",
                    "rbac.create=false", "ingressClass.create=false", "accessLog=false", "service.type=ClusterIP")}


@pytest.fixture(scope="module")
def spaces(cluster):
    """The namespaces of the cases; the chart's own is as restricted as Kubernetes knows. What runs in it ends: it would serve, and
    write statuses of, whatever has a class of the same controller."""
    cluster.add_namespace(SPACE, **{"pod-security.kubernetes.io/enforce": "restricted"})
    for name in ("chart-shop", "chart-blog", "chart-other"):
        cluster.add_namespace(name)
    cluster.install_own_kinds()
    yield SPACE
    for item in cluster.api.list("deployments", SPACE):
        cluster.api.delete("deployments", SPACE, item["metadata"]["name"], propagationPolicy="Background")


@pytest.fixture
def chart():
    return Chart(SPACE)


def apply(cluster, text, *options):
    return cluster.kubectl("apply", "--server-side", "--force-conflicts", "--validate=strict", "-f", "-", *options, said=text)


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_the_api_server_takes_every_object(cluster, spaces, chart, values):
    text = chart.text(*values)
    said = apply(cluster, text, "--dry-run=server")
    assert len(said.splitlines()) == len([item for item in yaml.safe_load_all(text) if item])


@pytest.mark.parametrize("folder", ["manifests", "manifests/host-ports"])
def test_the_api_server_takes_the_manifests(cluster, spaces, folder):
    """Their namespace is among them, so it has to be there before the rest can be tried."""
    namespace = yaml.safe_load((ROOT / "deploy" / folder / "namespace.yaml").read_text())
    apply(cluster, yaml.safe_dump(namespace))
    rendered = cluster.kubectl("kustomize", ROOT / "deploy" / folder)
    said = apply(cluster, rendered, "--dry-run=server")
    assert len(said.splitlines()) == len([item for item in yaml.safe_load_all(rendered) if item])


def test_a_deployment_of_the_chart_gets_its_pods_where_pods_are_restricted(cluster, spaces, chart):
    """Pods are made by a controller, whose requests meet the admission of pod security."""
    apply(cluster, chart.text("ingressClass.create=false"))
    pods = cluster.api.until(lambda found: len(found) == 2 and found, "pods", SPACE, "app.kubernetes.io/name=sallyport")
    accounts = {item["spec"]["serviceAccountName"] for item in pods.values()}
    assert accounts == {"sallyport"}


def test_its_pods_serve_what_the_cluster_has(cluster, spaces, chart, namespace):
    """With the account, the volumes, the user and the root file system that the chart gives them."""
    apply(cluster, chart.text("ingressClass.name=of-the-chart"))
    cluster.apply(*echoes("web", namespace), ingress("web", rule("web.test", path("/", "web")), namespace=namespace, of_class="of-the-chart"),
                  namespace=namespace)
    cluster.await_ready(namespace, 1)
    for pod in cluster.await_ready(SPACE, 2, "app.kubernetes.io/instance=sallyport").values():
        address = (pod["status"]["podIP"], 8080)
        asked_until(lambda address=address: once(address, request("GET", "web.test")).status == 200)


def listing(cluster, group, resource, namespace=None):
    """The path that lists a kind."""
    if not group:
        below = "/api/v1"
    else:
        below = f"/apis/{cluster.api.ask('GET', f'/apis/{group}')['preferredVersion']['groupVersion']}"
    return f"{below}/namespaces/{namespace}/{resource}" if namespace else f"{below}/{resource}"


def readable(role):
    return {(group, resource) for rule in role["rules"] if "list" in rule["verbs"] for group in rule["apiGroups"] for resource in rule["resources"]}


def status(api, method, path, body=None):
    try:
        api.ask(method, path, body)
    except Refused as refused:
        return refused.status
    return 200


def as_account(cluster, name):
    """The API as a ServiceAccount of the chart's namespace sees it."""
    return Api(cluster.api.address, cluster.authority, cluster.kubectl("create", "token", name, "-n", SPACE).strip())


def test_its_account_may_read_what_the_chart_grants_and_nothing_else(cluster, spaces, chart):
    apply(cluster, chart.text("ingressClass.create=false"))
    api = as_account(cluster, "sallyport")
    [role] = chart.render()["ClusterRole"]
    assert ("", "secrets") in readable(role)
    for group, resource in readable(role):
        assert status(api, "GET", listing(cluster, group, resource)) == 200, resource
    for resource in ("pods", "nodes", "persistentvolumes"):
        assert status(api, "GET", listing(cluster, "", resource)) == 403, resource
    for resource in ("configmaps", "secrets", "services", "ingresses"):
        assert status(api, "POST", path_of(resource, "chart-other"), {"metadata": {"name": "written"}}) == 403, resource
        assert status(api, "DELETE", path_of(resource, "chart-other", "any")) == 403, resource


def test_with_namespaces_its_account_reads_these_alone(cluster, spaces, chart):
    text = chart.text('watch.namespaces=["chart-shop","chart-blog"]', "ingressClass.create=false", release="narrow-sallyport")
    apply(cluster, text)
    api = as_account(cluster, "narrow-sallyport")
    [role] = [item for item in chart.render('watch.namespaces=["chart-shop","chart-blog"]')["Role"] if item["metadata"]["namespace"] == "chart-shop"]
    for group, resource in readable(role):
        for namespace in ("chart-shop", "chart-blog"):
            assert status(api, "GET", listing(cluster, group, resource, namespace)) == 200, (namespace, resource)
        assert status(api, "GET", listing(cluster, group, resource, "chart-other")) == 403, resource
        assert status(api, "GET", listing(cluster, group, resource)) == 403, resource
