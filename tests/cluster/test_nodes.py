# SPDX-License-Identifier: Apache-2.0
"""The nodes of processes: what the tests behind these rely on, each promise once."""
import base64
import contextlib
import http.client
import json
import os

import pytest

from api import path_of
from cluster import is_going, is_ready
from images import PORT, deployment, echo_container, echoes, pod, pods_service, shell_container

NO_GRACE = {"gracePeriodSeconds": 0}
FOREVER = "exec sleep infinity"  # deaf: a container's first process ignores signals that it does not handle
UNTIL_A_SIGNAL = "sleep infinity & wait"  # what the shell has a trap for


def ask(address, path="/", port=PORT):
    connection = http.client.HTTPConnection(address, port, timeout=20)
    connection.request("GET", path, headers={"Host": "pod.test"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body


def state(item, container=0):
    return item["status"]["containerStatuses"][container]


def await_pod(cluster, namespace, name, holds):
    """The pod, once `holds` of it; before it has containers it never does."""
    def of_all(pods):
        item = pods.get(name)
        return item if item and item["status"].get("containerStatuses") and holds(item) else None

    return cluster.api.until(of_all, "pods", namespace)


def await_gone(cluster, namespace, name):
    assert cluster.api.until(lambda pods: name not in pods, "pods", namespace)


def restarts(item):
    return state(item)["restartCount"]


class Word:
    """What a container waits for with `read -r _ </word/fifo`, its folder mounted there."""

    def __init__(self, folder):
        os.mkfifo(folder / "fifo")
        self.fifo = os.open(folder / "fifo", os.O_RDWR)  # so that opening it waits for nobody
        self.volume = {"name": "word", "hostPath": {"path": str(folder)}}
        self.mounts = {"volumeMounts": [{"name": "word", "mountPath": "/word"}]}

    def give(self):
        os.write(self.fifo, b"go\n")


@pytest.fixture
def word(tmp_path):
    one = Word(tmp_path)
    yield one
    os.close(one.fifo)


@contextlib.contextmanager
def followed(cluster, namespace, name, container=None):
    """A container's log as a file: its lines as they come, up to its end."""
    chosen = f"&container={container}" if container else ""
    connection, answer = cluster.api.open("GET", path_of("pods", namespace, name, "log") + "?follow=true" + chosen)
    with contextlib.closing(connection):
        yield answer


def held(item):
    """A pod that stays to be looked at when nothing of it runs any more, until `let_go`."""
    item["metadata"]["finalizers"] = ["sallyport.dev/looked-at"]
    return item


def let_go(cluster, namespace, name):
    cluster.api.merge("pods", namespace, name, {"metadata": {"finalizers": None}})
    await_gone(cluster, namespace, name)


def test_a_pod_runs_with_its_address_and_says_who_it_is(cluster, namespace):
    cluster.api.create("pods", namespace, pod("echo", namespace, echo_container()))
    item = await_pod(cluster, namespace, "echo", is_ready)
    address = item["status"]["podIP"]
    status, body = ask(address)
    said = json.loads(body)
    assert (status, said["pod"], said["namespace"], said["service"]) == (200, "echo", namespace, "echo")
    assert address.startswith("10.244.") and item["status"]["phase"] == "Running" and item["spec"]["nodeName"].startswith("node-")
    assert item["status"]["hostIP"] in {node["status"]["addresses"][0]["address"] for node in cluster.api.list("nodes")}


def test_pods_are_spread_and_node_selectors_are_obeyed(cluster, namespace):
    cluster.api.create("deployments", namespace, deployment("spread", namespace, shell_container(FOREVER), replicas=3, grace=0))
    nodes = {item["spec"]["nodeName"] for item in cluster.await_ready(namespace, 3).values()}
    assert len(nodes) == 3
    chosen = {"nodeSelector": {"kubernetes.io/hostname": "node-2"}}
    cluster.api.create("pods", namespace, pod("chosen", namespace, shell_container(FOREVER), grace=0, **chosen))
    assert await_pod(cluster, namespace, "chosen", is_ready)["spec"]["nodeName"] == "node-2"


def test_a_daemon_set_has_a_pod_on_each_node(cluster, namespace):
    item = deployment("each", namespace, shell_container(FOREVER), grace=0)
    del item["spec"]["replicas"]
    cluster.api.create("daemonsets", namespace, item | {"kind": "DaemonSet"})
    pods = cluster.await_ready(namespace, 3)
    assert {one["spec"]["nodeName"] for one in pods.values()} == {"node-1", "node-2", "node-3"}


def test_a_host_port_is_the_node_s(cluster, namespace):
    container = echo_container(ports=[{"name": "http", "containerPort": PORT, "hostPort": 8090}])
    item = deployment("each", namespace, container, strategy=None)
    del item["spec"]["replicas"]
    cluster.api.create("daemonsets", namespace, item | {"kind": "DaemonSet"})
    for name, pod_there in cluster.await_ready(namespace, 3).items():
        assert json.loads(ask(pod_there["status"]["hostIP"], port=8090)[1])["pod"] == name


def test_readiness_follows_its_probe_and_endpoints_follow_readiness(cluster, namespace, tmp_path):
    probe = {"exec": {"command": ["test", "-e", "/shared/ready"]}, "periodSeconds": 1, "failureThreshold": 1}
    serving = echo_container(readinessProbe=probe, volumeMounts=[{"name": "shared", "mountPath": "/shared"}])
    item = pod("web", namespace, serving, grace=0, volumes=[{"name": "shared", "hostPath": {"path": str(tmp_path)}}])
    cluster.apply(item, pods_service("web", namespace), namespace=namespace)
    address = await_pod(cluster, namespace, "web", lambda one: state(one)["started"])["status"]["podIP"]
    assert not is_ready(cluster.api.get("pods", namespace, "web"))
    cluster.await_endpoints(namespace, "web", [])
    (tmp_path / "ready").touch()
    cluster.await_endpoints(namespace, "web", [address])
    (tmp_path / "ready").unlink()
    cluster.await_endpoints(namespace, "web", [])


def test_what_a_container_says_is_its_log(cluster, namespace):
    talker = shell_container("echo one; echo two >&2; printf three")
    cluster.api.create("pods", namespace, pod("talker", namespace, talker, restartPolicy="Never"))
    ended = await_pod(cluster, namespace, "talker", lambda item: item["status"]["phase"] == "Succeeded")
    assert state(ended)["state"]["terminated"]["reason"] == "Completed"
    assert sorted(cluster.logs(namespace, "talker").split()) == ["one", "three", "two"]
    assert cluster.logs(namespace, "talker", "--tail=1").strip() == "three"
    stamped = cluster.logs(namespace, "talker", "--timestamps").splitlines()[0]
    assert stamped.split()[0].endswith("Z") and stamped.split()[1] in ("one", "two")


def test_a_log_is_followed_until_the_container_ends(cluster, namespace):
    cluster.api.create("pods", namespace, pod("talker", namespace, echo_container(), grace=5))
    address = await_pod(cluster, namespace, "talker", is_ready)["status"]["podIP"]
    with followed(cluster, namespace, "talker") as log:
        assert b"listening on" in log.readline()
        ask(address, "/seen")
        assert any(b"/seen" in line for line in iter(log.readline, b""))
        cluster.api.delete("pods", namespace, "talker")
        log.read()  # to its end


def test_a_crashed_container_is_started_again_and_its_former_log_is_kept(cluster, namespace):
    script = "n=$(cat /kept/count || echo 0); echo $((n + 1)) >/kept/count; echo run $n; test $n -ge 2 && " + FOREVER + "; exit 7"
    item = pod("crashing", namespace, shell_container(script, volumeMounts=[{"name": "kept", "mountPath": "/kept"}]), grace=0,
               volumes=[{"name": "kept", "emptyDir": {}}])
    cluster.api.create("pods", namespace, item)
    await_pod(cluster, namespace, "crashing", lambda one: state(one)["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff")
    up = await_pod(cluster, namespace, "crashing", lambda one: restarts(one) == 2 and is_ready(one))
    assert state(up)["lastState"]["terminated"]["exitCode"] == 7
    assert "run 2" in cluster.logs(namespace, "crashing")
    assert "run 1" in cluster.logs(namespace, "crashing", "--previous")


def test_a_container_that_does_not_live_is_started_again(cluster, namespace):
    probe = {"exec": {"command": ["test", "!", "-e", "/tmp/dead"]}, "periodSeconds": 1, "failureThreshold": 1}
    script = "touch /tmp/dead; trap 'exit 0' TERM; " + UNTIL_A_SIGNAL
    cluster.api.create("pods", namespace, pod("dying", namespace, shell_container(script, livenessProbe=probe), grace=5))
    await_pod(cluster, namespace, "dying", lambda item: restarts(item) >= 1)


def test_a_container_whose_startup_probe_fails_is_started_again(cluster, namespace):
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 1}
    cluster.api.create("pods", namespace, pod("stillborn", namespace, shell_container(FOREVER, startupProbe=probe), grace=0))
    again = await_pod(cluster, namespace, "stillborn", lambda item: restarts(item) >= 1)
    assert not state(again)["started"] and not is_ready(again)


def test_nothing_is_asked_before_the_startup_probe_has_succeeded(cluster, namespace, word):
    def probe(said):
        script = f"echo {said} >/proc/1/fd/1; test -e /tmp/up"
        return {"exec": {"command": ["sh", "-c", script]}, "periodSeconds": 1, "failureThreshold": 60}

    slow = shell_container("read -r _ </word/fifo; echo up; touch /tmp/up; " + FOREVER, startupProbe=probe("startup"),
                           livenessProbe=probe("liveness") | {"failureThreshold": 1}, **word.mounts)
    cluster.api.create("pods", namespace, pod("slow", namespace, slow, grace=0, volumes=[word.volume]))
    await_pod(cluster, namespace, "slow", lambda item: state(item)["state"].get("running"))
    with followed(cluster, namespace, "slow") as log:
        assert [log.readline() for _ in range(10)] == [b"startup\n"] * 10
        word.give()
        assert set(iter(log.readline, b"up\n")) <= {b"startup\n"}
        assert any(line == b"liveness\n" for line in iter(log.readline, b""))
    assert restarts(await_pod(cluster, namespace, "slow", is_ready)) == 0


def test_term_is_heard_and_the_exit_is_what_the_pod_ends_with(cluster, namespace, word):
    script = "trap 'echo heard; read -r _ </word/fifo; echo done; exit 3' TERM; echo up; " + UNTIL_A_SIGNAL
    polite = shell_container(script, **word.mounts)
    cluster.api.create("pods", namespace, held(pod("polite", namespace, polite, grace=30, volumes=[word.volume])))
    await_pod(cluster, namespace, "polite", is_ready)
    with followed(cluster, namespace, "polite") as log:
        assert log.readline() == b"up\n"
        cluster.api.delete("pods", namespace, "polite")
        assert log.readline() == b"heard\n"
        word.give()
        assert log.read() == b"done\n"
    ended = await_pod(cluster, namespace, "polite", lambda item: state(item)["state"].get("terminated"))
    assert state(ended)["state"]["terminated"]["exitCode"] == 3 and is_going(ended)
    let_go(cluster, namespace, "polite")


def test_a_pod_is_there_until_its_sidecars_have_ended(cluster, namespace, word):
    script = "trap 'echo heard; read -r _ </word/fifo; exit 5' TERM; echo up; " + UNTIL_A_SIGNAL
    sidecar = shell_container(script, name="sidecar", restartPolicy="Always", **word.mounts)
    item = pod("car", namespace, shell_container("trap 'exit 0' TERM; " + UNTIL_A_SIGNAL), grace=30, initContainers=[sidecar],
               volumes=[word.volume])
    cluster.api.create("pods", namespace, held(item))
    await_pod(cluster, namespace, "car", is_ready)
    with followed(cluster, namespace, "car", "sidecar") as log:
        assert log.readline() == b"up\n"
        cluster.api.delete("pods", namespace, "car")
        assert log.readline() == b"heard\n"
        await_pod(cluster, namespace, "car", lambda one: state(one)["state"].get("terminated"))
        word.give()
        log.read()

    def of_sidecar(one):
        return one["status"]["initContainerStatuses"][0]["state"].get("terminated")

    assert of_sidecar(await_pod(cluster, namespace, "car", of_sidecar))["exitCode"] == 5
    let_go(cluster, namespace, "car")


def test_who_does_not_hear_term_is_killed_after_the_grace_period(cluster, namespace):
    cluster.api.create("pods", namespace, pod("deaf", namespace, shell_container("trap '' TERM; " + FOREVER), grace=1))
    await_pod(cluster, namespace, "deaf", is_ready)
    cluster.api.delete("pods", namespace, "deaf")
    killed = await_pod(cluster, namespace, "deaf", lambda item: state(item)["state"].get("terminated"))
    assert state(killed)["state"]["terminated"]["exitCode"] == 137 and is_going(killed)
    await_gone(cluster, namespace, "deaf")


def test_the_pre_stop_hook_is_before_term(cluster, namespace):
    # The hook ends only when the container has said its word: a TERM that did not wait for it would come in between.
    script = ("mkfifo /tmp/hook /tmp/said; trap 'echo term; exit 0' TERM; echo up; read -r word </tmp/hook; echo $word; "
              "echo >/tmp/said; " + UNTIL_A_SIGNAL)
    hook = {"preStop": {"exec": {"command": ["sh", "-c", "echo hook >/tmp/hook; read -r _ </tmp/said"]}}}
    cluster.api.create("pods", namespace, pod("hooked", namespace, shell_container(script, lifecycle=hook), grace=30))
    await_pod(cluster, namespace, "hooked", is_ready)
    with followed(cluster, namespace, "hooked") as log:
        assert log.readline() == b"up\n"
        cluster.api.delete("pods", namespace, "hooked")
        assert log.read().split() == [b"hook", b"term"]


def test_init_containers_come_first_one_after_the_other(cluster, namespace):
    shared = {"volumeMounts": [{"name": "shared", "mountPath": "/shared"}]}
    inits = [shell_container(f"echo {word} >>/shared/order", name=word, **shared) for word in ("first", "second")]
    item = pod("ordered", namespace, shell_container("cat /shared/order", **shared), restartPolicy="Never", initContainers=inits,
               volumes=[{"name": "shared", "emptyDir": {}}])
    cluster.api.create("pods", namespace, item)
    await_pod(cluster, namespace, "ordered", lambda one: one["status"]["phase"] == "Succeeded")
    assert cluster.logs(namespace, "ordered").split() == ["first", "second"]


def test_secrets_config_maps_fields_and_tokens_are_in_environment_and_volumes(cluster, namespace):
    script = "echo $FROM_SECRET $FROM_MAP $NODE; cat /secret/word /map/sub/renamed /pod/name; echo; "
    script += "test -s $TOKENS/token && grep -q BEGIN $TOKENS/ca.crt && echo trusted"
    container = shell_container(script, env=[
        {"name": "FROM_SECRET", "valueFrom": {"secretKeyRef": {"name": "late", "key": "word"}}},
        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        {"name": "TOKENS", "value": "/var/run/secrets/kubernetes.io/serviceaccount"},
    ], envFrom=[{"configMapRef": {"name": "settings"}}], volumeMounts=[
        {"name": "secret", "mountPath": "/secret", "readOnly": True}, {"name": "map", "mountPath": "/map"},
        {"name": "pod", "mountPath": "/pod"}])
    volumes = [{"name": "secret", "secret": {"secretName": "late"}},
               {"name": "map", "configMap": {"name": "settings", "items": [{"key": "FROM_MAP", "path": "sub/renamed"}]}},
               {"name": "pod", "downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}}]
    cluster.api.create("configmaps", namespace, {"metadata": {"name": "settings"}, "data": {"FROM_MAP": "mapped\n"}})
    cluster.api.create("pods", namespace, pod("reader", namespace, container, restartPolicy="Never", volumes=volumes))
    waiting = await_pod(cluster, namespace, "reader", lambda item: "late" in state(item)["state"].get("waiting", {}).get("message", ""))
    assert waiting["status"]["phase"] == "Pending"
    secret = {"metadata": {"name": "late"}, "data": {"word": base64.b64encode(b"hidden\n").decode()}}
    cluster.api.create("secrets", namespace, secret)
    ended = await_pod(cluster, namespace, "reader", lambda item: item["status"]["phase"] == "Succeeded")
    assert cluster.logs(namespace, "reader").split() == ["hidden", "mapped", ended["spec"]["nodeName"], "hidden", "mapped", "reader", "trusted"]


def test_items_of_volumes_have_their_modes_and_optional_ones_may_be_missing(cluster, namespace):
    items = [{"key": "one", "path": "one", "mode": 0o600}, {"key": "two", "path": "two"}, {"key": "none", "path": "none"}]
    volume = {"name": "map", "configMap": {"name": "settings", "optional": True, "items": items}}
    reader = shell_container("stat -Lc %a /map/one /map/two; ls /map", volumeMounts=[{"name": "map", "mountPath": "/map"}])
    cluster.api.create("configmaps", namespace, {"metadata": {"name": "settings"}, "data": {"one": "1", "two": "2"}})
    cluster.api.create("pods", namespace, pod("reader", namespace, reader, restartPolicy="Never", volumes=[volume]))
    await_pod(cluster, namespace, "reader", lambda item: item["status"]["phase"] == "Succeeded")
    assert cluster.logs(namespace, "reader").split() == ["600", "644", "one", "two"]


def test_containers_do_not_write_on_the_machine(cluster, namespace):
    writer = shell_container("echo written >/etc/of-a-pod && cat /etc/of-a-pod")
    cluster.api.create("pods", namespace, pod("writer", namespace, writer, restartPolicy="Never"))
    await_pod(cluster, namespace, "writer", lambda item: item["status"]["phase"] == "Succeeded")
    reader = shell_container("test ! -e /etc/of-a-pod && ! touch /etc/of-a-reader", securityContext={"readOnlyRootFilesystem": True})
    cluster.api.create("pods", namespace, pod("reader", namespace, reader, restartPolicy="Never"))
    await_pod(cluster, namespace, "reader", lambda item: item["status"]["phase"] == "Succeeded")


def test_an_image_that_no_node_knows_is_said(cluster, namespace):
    cluster.api.create("pods", namespace, pod("foreign", namespace, {"name": "app", "image": "registry.test/foreign:1"}, grace=0))
    stuck = await_pod(cluster, namespace, "foreign", lambda item: state(item)["state"].get("waiting", {}).get("message"))
    assert "registry.test/foreign:1" in state(stuck)["state"]["waiting"]["message"]


def test_a_program_that_is_not_there_is_said(cluster, namespace):
    container = shell_container("", command=["/no/such/program"])
    cluster.api.create("pods", namespace, pod("wrong", namespace, container, grace=0))
    stuck = await_pod(cluster, namespace, "wrong", lambda item: state(item)["state"].get("waiting", {}).get("message"))
    assert "/no/such/program" in state(stuck)["state"]["waiting"]["message"] and restarts(stuck) == 0


def test_endpoints_follow_scaling(cluster, namespace):
    cluster.apply(*echoes("web", namespace, replicas=2), namespace=namespace)
    for count in (2, 5, 1):
        cluster.api.merge("deployments", namespace, "web", {"spec": {"replicas": count}})
        pods = cluster.await_ready(namespace, count)
        cluster.await_endpoints(namespace, "web", [item["status"]["podIP"] for item in pods.values()])


def test_a_rolling_restart_replaces_every_pod_and_keeps_the_service_served(cluster, namespace):
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    cluster.apply(*echoes("web", namespace, replicas=3, strategy=strategy), namespace=namespace)
    before = cluster.await_ready(namespace, 3)
    cluster.kubectl("rollout", "restart", "-n", namespace, "deployment/web")
    cluster.kubectl("rollout", "status", "-n", namespace, "deployment/web", "--timeout=60s")
    after = cluster.await_ready(namespace, 3)
    assert not set(before) & set(after)
    cluster.await_endpoints(namespace, "web", [item["status"]["podIP"] for item in after.values()])


def test_a_terminating_endpoint_is_serving_and_not_ready(cluster, namespace):
    hook = {"preStop": {"sleep": {"seconds": 600}}}
    serving = echo_container(lifecycle=hook)
    cluster.apply(deployment("web", namespace, serving, grace=600), pods_service("web", namespace), namespace=namespace)
    [name] = cluster.await_ready(namespace, 1)
    cluster.api.delete("pods", namespace, name)

    def is_draining(slices):
        conditions = [endpoint["conditions"] for item in slices.values() for endpoint in item["endpoints"] or ()
                      if endpoint["targetRef"]["name"] == name]
        return conditions == [{"ready": False, "serving": True, "terminating": True}]

    cluster.api.until(is_draining, "endpointslices", namespace)
    cluster.api.delete("pods", namespace, name, **NO_GRACE)
    await_gone(cluster, namespace, name)


def test_pods_reach_each_other_and_the_machine_and_closed_ports_refuse(cluster, namespace):
    cluster.api.create("pods", namespace, pod("server", namespace, echo_container()))
    address = await_pod(cluster, namespace, "server", is_ready)["status"]["podIP"]
    script = f"curl -s -o /dev/null -w '%{{http_code}} ' http://{address}:{PORT}/health; curl -sk -o /dev/null -w '%{{http_code}} ' "
    script += f"https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/version; curl -s http://{address}:81/; echo $?"
    cluster.api.create("pods", namespace, pod("client", namespace, shell_container(script), restartPolicy="Never"))
    await_pod(cluster, namespace, "client", lambda item: item["status"]["phase"] == "Succeeded")
    assert cluster.logs(namespace, "client").split() == ["200", "200", "7"]
