# SPDX-License-Identifier: Apache-2.0
"""The first process of a cluster for people (tools/cluster start): starts it with a demo and the gateway, says `ready` and stays.

    keeper.py PLACE NODES PROGRAM DOOR=ADDRESS:PORT...      each door is the number of a descriptor
"""
import asyncio
import http.client
import pathlib
import signal
import socket
import sys

import enclosure
from cluster import Cluster
from doors import open_door
from process import Process

HERE = pathlib.Path(__file__).resolve().parent


def start_gateway(cluster, program):
    """In the enclosure's own network, as one that runs beside a cluster does; it reads all namespaces, and tells them what became of them."""
    health = (enclosure.ADDRESS, 9902)
    process = Process("sallyport", [program, "run", "--kubeconfig", cluster.kubeconfig, f"--address={enclosure.ADDRESS}",
                                    f"--health={health[0]}:{health[1]}", "--admin=127.0.0.1:9901", "--watch-without-class=true",
                                    "--lease=default/sallyport", "--publish-address=127.0.0.1"],
                      cluster.where / "sallyport.log")
    process.until(lambda: serves(health))
    return process


def serves(health):
    """It says so of itself."""
    connection = http.client.HTTPConnection(*health, timeout=20)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def start(place, nodes, program):
    cluster = Cluster(place, nodes=nodes, images={"sallyport": program}, back_off="10s")
    cluster.kubectl("apply", "-k", HERE.parents[1] / "deploy/crds")
    cluster.kubectl("apply", "-f", HERE / "demo.yaml")
    cluster.kubectl("wait", "-n", "shop", "--for=condition=Available", "deployment", "--all", "--timeout=60s")
    return cluster, start_gateway(cluster, program)


async def stay(doors):
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    opened = [await open_door(door, address) for door, address in doors]
    print("ready", flush=True)
    await stop.wait()
    for door in opened:
        door.close()


def door_of(text):
    number, _, address = text.partition("=")
    host, _, port = address.rpartition(":")
    return socket.socket(fileno=int(number)), (host, int(port))


def main(place, nodes, program, *doors):
    enclosure.prepare()
    cluster, gateway = start(pathlib.Path(place), int(nodes), program)
    try:
        asyncio.run(stay([door_of(text) for text in doors]))
    finally:
        gateway.finish()
        cluster.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
