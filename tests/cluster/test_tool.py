# SPDX-License-Identifier: Apache-2.0
"""tools/cluster: what people type. The cluster that it starts here is one inside this one's enclosure."""
import json
import os
import pathlib
import re
import socket
import subprocess

import pytest
from gateway import BINARY
from programs import ROOT
from raw_client import once, request

TOOL = ROOT / "tools/cluster"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("place") / "cluster"


@pytest.fixture(scope="module")
def tool(place):
    """tool("kubectl", …): its standard output."""
    unset = dict.fromkeys(("PORT", "TLS_PORT", "HEALTH_PORT", "ADMIN_PORT", "API_PORT"), "")  # as make hands them on
    environment = os.environ | unset | {"SALLYPORT_CLUSTER": str(place), "SALLYPORT": os.path.abspath(BINARY)}

    def run(*arguments, code=0, **more):
        done = subprocess.run([TOOL, *arguments], capture_output=True, text=True, env=environment | more, timeout=300)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="module")
def started(tool):
    said = tool("start", "2")
    yield said
    tool("stop")


def processes_of(place):
    """The numbers of the processes that have the folder in their command line."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if str(place).encode() in (folder / "cmdline").read_bytes():
                found.append(folder.name)
        except OSError:  # it has just ended
            pass
    return found


def test_from_outside_it_is_asked_through_a_door(tool, started, place):
    assert f"KUBECONFIG={place}/" in started
    deployments = json.loads(tool("kubectl", "get", "deployments", "-o", "json"))["items"]
    assert {item["metadata"]["name"]: item["status"]["readyReplicas"] for item in deployments} == {"storefront": 2, "cart": 1}
    assert len(json.loads(tool("kubectl", "get", "nodes", "-o", "json"))["items"]) == 2


def test_the_gateway_serves_the_demo(tool, started):
    address = re.search(r"http://shop\.localhost:(\d+)/ ", started)
    reached = {json.loads(once(("127.0.0.1", int(address[1])), request("GET", "shop.localhost", path)).body)["service"] for path in ("/", "/cart")}
    assert reached == {"storefront", "cart"}


def test_the_gateway_tells_what_became_of_objects(tool, started):
    tool("kubectl", "wait", "--timeout=60s", "--for=jsonpath={.status.loadBalancer.ingress[0].ip}=127.0.0.1", "ingress/shop")


def test_inside_are_the_pods(tool, started):
    [pod] = json.loads(tool("kubectl", "get", "pods", "-l", "app=cart", "-o", "json"))["items"]
    said = json.loads(tool("shell", "curl", "-s", f"http://{pod['status']['podIP']}:8080/asked"))
    assert (said["pod"], said["path"]) == (pod["metadata"]["name"], "/asked")


def test_a_port_that_is_taken_is_said_before_anything_is_made(tool, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = tool("start", code=1, PORT=str(port), SALLYPORT_CLUSTER=str(tmp_path / "second"))
    assert f"port {port}: Address already in use. Choose another one: PORT={port + 1}" in said
    assert not (tmp_path / "second").exists()


def test_a_second_one_is_refused(tool, started):
    assert "one is running" in tool("start", code=1)


def test_stopped_nothing_of_it_stays(tool, started, place):
    assert processes_of(place)
    tool("stop")
    assert not processes_of(place) and not place.exists()
    assert "there is none" in tool("kubectl", "get", "pods", code=1)
    tool("stop")  # once more does nothing


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    precious = tmp_path / "folder/precious"
    precious.mkdir(parents=True)
    environment = os.environ | {"SALLYPORT_CLUSTER": str(tmp_path), "SALLYPORT": os.path.abspath(BINARY)}
    for command, code in (("start", 1), ("stop", 0)):
        done = subprocess.run([TOOL, command], capture_output=True, text=True, env=environment, timeout=300)
        assert done.returncode == code, done.stdout + done.stderr
        assert code == 0 or f"{tmp_path} has files that are no cluster's" in done.stderr
        assert precious.exists()


@pytest.mark.parametrize("arguments", [(), ("begin",), ("start", "1", "2")])
def test_wrong_words_get_the_usage(tool, arguments):
    assert "tools/cluster start [NODES]" in tool(*arguments, code=2)


@pytest.mark.parametrize("nodes", ["none", "0", "51"])
def test_a_number_of_nodes_that_is_none(tool, nodes):
    assert "NODES" in tool("start", nodes, code=1)
