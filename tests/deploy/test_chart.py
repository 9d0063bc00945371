# SPDX-License-Identifier: Apache-2.0
"""The chart by the real helm: what it renders is what Kubernetes takes, restricted, and asks for no more than is read and told back."""
import json
import re

import pytest
import yaml
from gateway import once_done
from tree import ROOT, run

# Values that reach every part of the chart.
EVERYTHING = ('publishAddresses=["192.0.2.1"]', 'watch.namespaces=["shop","blog"]', "watch.namespaceSelector=team=shop", "ingressClass.default=true", 'options=["--server-header=off"]',
              'trustedProxies=["10.0.0.0/8"]', "proxyProtocol=trusted", 'proxyProtocolFrom=["10.1.0.0/16"]', "lastGood.keySecret=seal",
              "serviceMonitor.enabled=true", 'serviceMonitor.labels={"release":"prometheus"}', 'networkPolicy.metricsFrom=[{"namespaceSelector":{}}]',
              'podLabels={"team":"edge"}', 'podAnnotations={"a":"b"}', 'nodeSelector={"edge":"true"}', 'tolerations=[{"operator":"Exists"}]',
              'affinity={"nodeAffinity":{}}', "priorityClassName=system-cluster-critical", 'imagePullSecrets=[{"name":"pull"}]',
              'service.annotations={"a":"b"}', "service.loadBalancerClass=metal", 'serviceAccount.annotations={"a":"b"}',
              'topologySpreadConstraints=[{"maxSkew":2,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule"}]')
CASES = {"plain": (), "daemon set": ("kind=DaemonSet",), "everything": EVERYTHING, "every node": (*EVERYTHING, "kind=DaemonSet"),
         "little": ("lastGood.enabled=false", "podDisruptionBudget.enabled=false", "networkPolicy.enabled=false", "serviceAccount.create=false",
                    "rbac.create=false", "ingressClass.create=false", "accessLog=false", "service.type=ClusterIP")}


@pytest.fixture(params=CASES.values(), ids=CASES)
def values(request):
    return request.param


def workload(objects):
    return (objects.get("Deployment") or objects.get("DaemonSet"))[0]


def pod(objects):
    return workload(objects)["spec"]["template"]["spec"]


def container(objects):
    return pod(objects)["containers"][0]


def test_it_is_as_helm_wants_charts(chart):
    assert "0 chart(s) failed" in run(ROOT / "tools/helm", "lint", "--strict", chart.place)


def test_kubernetes_knows_every_field(chart, strict, values):
    said = strict(chart.text(*values))
    assert any(line.startswith("apps/v1") for line in said)
    assert {line for line in said if line.startswith("foreign")} <= {"foreign monitoring.coreos.com/v1 ServiceMonitor"}


def test_the_program_takes_every_option(chart, values, tmp_path):
    """A folder stands for the cluster; a wrong option at the end is the one that is named."""
    arguments = [argument for argument in container(chart.render(*values))["args"][1:] if not re.match("--kubernetes$|--namespace|--lease|--publish-nodes", argument)]
    arguments = [argument.replace("/etc/sallyport", str(tmp_path)) for argument in arguments]
    code, _, said = once_done("run", "--config", tmp_path, *arguments, "--limit", "no-limit=1")
    assert code == 2 and "no-limit" in said, said


def test_a_pod_is_as_restricted_as_kubernetes_asks(chart, values):
    """Pod Security Standards, "restricted"; a DaemonSet has its host ports."""
    objects = chart.render(*values)
    spec, one = pod(objects), container(objects)
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(spec)
    security = spec["securityContext"]
    assert security["runAsNonRoot"] is True and security["runAsUser"] > 0 and security["seccompProfile"]["type"] == "RuntimeDefault"
    assert one["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert {next(key for key in volume if key != "name") for volume in spec.get("volumes", [])} <= {"emptyDir", "secret"}
    has_host_ports = any("hostPort" in port for port in one["ports"])
    assert has_host_ports == (workload(objects)["kind"] == "DaemonSet")


def test_a_deployment_has_a_budget_of_disruptions_and_a_daemonset_none(chart):
    """Of a DaemonSet the API server counts none (no subresource scale), and warns of it for good."""
    assert chart.render()["PodDisruptionBudget"][0]["spec"]["maxUnavailable"] == 1
    assert "PodDisruptionBudget" not in chart.render("kind=DaemonSet")


WRITES = {("networking.k8s.io", "ingresses/status"): {"patch"}, ("events.k8s.io", "events"): {"create", "patch"}}
BY_NAME = {("", "secrets"), ("", "configmaps")}


@pytest.mark.parametrize("values, without", [((), {"namespaces", "endpoints"}), (("watch.namespaceSelector=team=shop",), {"endpoints"})])
def test_it_may_read_what_the_program_reads_and_write_what_it_tells_back(chart, values, without):
    """The kinds of src/kube/kinds.cpp, which is what a source asks for. tests/cluster replays what an API server was asked."""
    kinds = re.findall(r'\{(?:"([\w.]*)"|own_group), "\w+", "(\w+)", "(\w+)", (?:true|false),', (ROOT / "src/kube/kinds.cpp").read_text())
    read = {(group if kind != "GateRoute" else "sallyport.dev", plural) for group, kind, plural in kinds if plural not in without}
    assert len(read) > 6
    [role] = chart.render(*values)["ClusterRole"]
    assert granted(role) == read | set(WRITES)
    for rule in role["rules"]:
        [group], verbs = rule["apiGroups"], set(rule["verbs"])
        for resource in rule["resources"]:
            by_name = {"get"} if (group, resource) in BY_NAME else set()
            assert verbs == WRITES.get((group, resource), {"list", "watch"} | by_name), resource


def test_the_lease_is_one_of_its_own_namespace(chart):
    objects = chart.render("ingressClass.create=false", release="edge")
    [role] = objects["Role"]
    assert role["metadata"]["namespace"] == "gateways" and granted(role) == {("coordination.k8s.io", "leases")}
    assert {verb: rule.get("resourceNames") for rule in role["rules"] for verb in rule["verbs"]} == {
        "create": None, "get": ["edge-sallyport"], "patch": ["edge-sallyport"]}
    assert "--lease=gateways/edge-sallyport" in container(objects)["args"]


@pytest.mark.parametrize("values, told", [
    ((), ["--publish-service=gateways/sallyport"]),
    (("kind=DaemonSet",), []),
    (("kind=DaemonSet", "publishNodes=false"), ["--publish-nodes=off"]),
    (('publishAddresses=["192.0.2.1","lb.example.com"]',), ["--publish-address=192.0.2.1", "--publish-address=lb.example.com"]),
    (('watch.namespaces=["shop"]',), ["--publish-nodes=off"]),
    (('watch.namespaces=["shop","gateways"]',), ["--publish-service=gateways/sallyport"]),
    (("watch.namespaceSelector=team=shop",), ["--publish-nodes=off"])])
def test_statuses_list_its_service_where_that_is_read(chart, values, told):
    assert [argument for argument in container(chart.render(*values))["args"] if argument.startswith("--publish-")] == told


NODES = {("", "nodes"): {"get"}, ("", "pods"): {"get", "list", "watch"}}


@pytest.mark.parametrize("values, reads", [((), False), (("kind=DaemonSet",), True), (("kind=DaemonSet", "publishNodes=false"), False),
                                           (("kind=DaemonSet", 'publishAddresses=["192.0.2.1"]'), False),
                                           (("kind=DaemonSet", 'watch.namespaces=["shop"]'), True)])
def test_pods_and_nodes_are_read_only_where_their_addresses_are_listed(chart, values, reads):
    """The pods of its own namespace, and nodes by name; and it is told which pod it is."""
    objects = chart.render(*values)
    found = {(role["metadata"].get("namespace"), group, resource): set(rule["verbs"]) for kind in ("ClusterRole", "Role")
             for role in objects.get(kind, ()) for rule in role["rules"] for group in rule["apiGroups"] for resource in rule["resources"]
             if (group, resource) in NODES}
    names = {one["name"]: one["valueFrom"]["fieldRef"]["fieldPath"] for one in container(objects).get("env", ())}
    assert found == ({(None, "", "nodes"): NODES["", "nodes"], ("gateways", "", "pods"): NODES["", "pods"]} if reads else {})
    assert names == ({"POD_NAME": "metadata.name", "POD_NAMESPACE": "metadata.namespace"} if reads else {})


def granted(role):
    return {(group, resource) for rule in role["rules"] for group in rule["apiGroups"] for resource in rule["resources"]}


def test_with_namespaces_secrets_are_read_in_these_alone(chart):
    objects = chart.render('watch.namespaces=["shop","blog"]')
    assert granted(objects["ClusterRole"][0]) == {("networking.k8s.io", "ingressclasses")}
    roles = [role for role in objects["Role"] if not role["metadata"]["name"].endswith("-lease")]
    assert {role["metadata"]["namespace"] for role in roles} == {"shop", "blog"}
    assert all({("", "secrets"), *WRITES} < granted(role) for role in roles)
    for binding in objects["RoleBinding"]:
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "sallyport", "namespace": "gateways"}]
    assert {"--namespace=shop", "--namespace=blog"} < set(container(objects)["args"])


def test_there_is_time_to_drain(chart):
    spec = pod(chart.render("lameduckSeconds=20", "drainSeconds=40"))
    assert spec["terminationGracePeriodSeconds"] == 65
    assert {"--lameduck=20", "--drain-timeout=40"} < set(spec["containers"][0]["args"])


def test_probes_and_services_meet_ports(chart):
    objects = chart.render("serviceMonitor.enabled=true")
    ports = {port["name"]: port["containerPort"] for port in container(objects)["ports"]}
    assert ports == {"http": 8080, "https": 8443, "health": 9902}
    for probe in ("livenessProbe", "readinessProbe"):
        assert container(objects)[probe]["httpGet"]["port"] in ports
    for service in objects["Service"]:
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= set(ports)
        assert service["spec"]["selector"].items() <= workload(objects)["spec"]["template"]["metadata"]["labels"].items()
    [monitor] = objects["ServiceMonitor"]
    monitored = [one for one in objects["Service"] if monitor["spec"]["selector"]["matchLabels"].items() <= one["metadata"]["labels"].items()]
    assert [one["metadata"]["name"] for one in monitored] == ["sallyport-metrics"]


def test_a_daemon_set_listens_on_its_nodes(chart):
    objects = chart.render("kind=DaemonSet", "hostPorts.http=8000")
    assert {port.get("hostPort") for port in container(objects)["ports"]} == {8000, 443, None}
    assert "Service" not in objects and "Deployment" not in objects


def test_two_releases_do_not_meet(chart):
    names = [{(kind, item["metadata"]["name"]) for kind, items in chart.render("ingressClass.create=false", release=release).items() for item in items}
             for release in ("one", "other")]
    assert not names[0] & names[1]
    assert ("Deployment", "one-sallyport") in names[0]


@pytest.mark.parametrize("value", ["replica=3", "kind=Pod", "lameduckSeconds=long", "image.pullPolicy=Sometimes", "watch.namespace=shop",
                                   "proxyProtocol=maybe", "hostPorts.http=0", 'options=["server-header"]', "lastGood.volume=null",
                                   "seccompProfile.type=Unconfined"])
def test_wrong_values_are_refused(chart, value):
    assert "values" in chart.refusal(value)


def test_every_value_is_in_the_schema():
    values = yaml.safe_load((ROOT / "deploy/chart/values.yaml").read_text())
    schema = json.loads((ROOT / "deploy/chart/values.schema.json").read_text())

    def compare(values, schema, where):
        if not isinstance(values, dict) or "properties" not in schema:
            return
        assert schema["additionalProperties"] is False, where
        # What helm itself adds, and what only a choice has.
        assert set(schema["properties"]) - set(values) <= {"global", "localhostProfile"}, where
        for name, value in values.items():
            compare(value, schema["properties"][name], f"{where}.{name}")

    compare(values, schema, "")


def test_its_version_is_that_of_the_program():
    meta = yaml.safe_load((ROOT / "deploy/chart/Chart.yaml").read_text())
    assert {meta["version"], meta["appVersion"]} == {(ROOT / "VERSION").read_text().strip()}


def test_it_brings_every_crd_and_they_are_those_of_deploy_crds(chart):
    brought = {path.name: path.read_text() for path in (chart.place / "crds").iterdir()}
    assert brought == {path.name: path.read_text() for path in (ROOT / "deploy/crds").glob("*.sallyport.dev.yaml")}
    assert set(yaml.safe_load((ROOT / "deploy/crds/kustomization.yaml").read_text())["resources"]) == set(brought)
    with_crds = run(ROOT / "tools/helm", "template", "x", chart.place, "--kube-version", "1.30", "--include-crds")
    assert with_crds.count("kind: CustomResourceDefinition") == len(brought)


def test_the_manifests_are_what_the_chart_renders(tmp_path):
    run(ROOT / "tools/manifests", tmp_path)
    for name in ("sallyport.yaml", "host-ports/sallyport.yaml"):
        assert (tmp_path / name).read_text() == (ROOT / "deploy/manifests" / name).read_text(), f"run tools/manifests: {name}"


@pytest.mark.parametrize("folder", ["manifests", "manifests/host-ports"])
def test_the_manifests_are_whole(strict, folder):
    """Everything that the kustomization names is there, and every object is one of its namespace or of the cluster."""
    place = ROOT / "deploy" / folder
    texts = []
    for name in yaml.safe_load((place / "kustomization.yaml").read_text())["resources"]:
        named = place / name
        files = [named] if named.is_file() else [named / item for item in yaml.safe_load((named / "kustomization.yaml").read_text())["resources"]]
        texts += [file.read_text() for file in files]
    strict("\n---\n".join(texts))
    objects = [item for text in texts for item in yaml.safe_load_all(text) if item]
    assert {"Namespace", "CustomResourceDefinition", "ClusterRole", "IngressClass"} < {item["kind"] for item in objects}
    assert {item["metadata"].get("namespace") for item in objects} == {None, "sallyport-system"}
    [namespace] = [item for item in objects if item["kind"] == "Namespace"]
    enforced = namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
    assert enforced == ("restricted" if folder == "manifests" else "privileged")
