# SPDX-License-Identifier: Apache-2.0
"""The API server is away for half an hour, under load: pods are replaced before and after, and die meanwhile; gateways that start
meanwhile serve what was good last (R10, R11).

Meanwhile nobody tells the gateway that a pod is gone, so what it does about it is its own.
"""
import collections
import os
import pathlib
import shutil
import signal
import threading
import time

import enclosed
from applied import Applied
from audit import Audit
from cluster import FIRST, PORT
from figure import Figure, at_least, at_most
from folder import route
from gateway import Gateway
from images import echoes
from last_good_world import KEY, await_kept, status
from process import Process
from rolling import GETS, STRATEGY
from scale_load import Load, rate_of

NAMESPACE, USER = "default", "gateway-1"
PODS, ROLLOUTS = 4, 3
RATE = 500
BETWEEN_DEATHS = 15  # seconds; a container that dies often is started again later and later
RESTARTS = 5


class Site:
    """Pods that end at once, behind a gateway that keeps what is last good."""

    def __init__(self, cluster, where):
        self.cluster, self.where, self.rollouts = cluster, where, 0
        self.key = where / "key"
        self.key.write_text(KEY)
        cluster.apply(*echoes("web", NAMESPACE, "--at-term=exit", replicas=PODS, strategy=STRATEGY), namespace=NAMESPACE)
        cluster.await_ready(NAMESPACE, PODS)
        self.add("web.test", "web")

    def add(self, host, name):
        """An Ingress; by a connection of its own, as the former ones may be gone."""
        objects = Applied(self.cluster, NAMESPACE)
        objects.write(name, route(host, "web", name))
        objects.close()

    def gateway(self, kept, **more):
        return Gateway(self.cluster.source(NAMESPACE, USER), "--last-good", self.where / kept, "--last-good-key", self.key, **more)

    def replace_pods(self):
        for _ in range(ROLLOUTS):
            self.rollouts += 1
            self.cluster.restart(NAMESPACE, "web", self.rollouts)

    def restart(self, number):
        """How long a gateway that starts now takes until it serves, in seconds; infinite if it serves nothing."""
        kept = f"kept-{number}"
        shutil.copytree(self.where / "kept", self.where / kept)
        begun = time.monotonic()
        with self.gateway(kept) as gateway:
            took = time.monotonic() - begun
            return took if status(gateway) == 200 else float("inf")


def pods_processes():
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"echo" in words[1:2] and pathlib.PurePath(words[0].decode()).name == "sallyport":
            found.append(int(folder.name))
    return sorted(found)


class Outage:
    """From the API server's end to its return."""

    def __init__(self, site, seconds):
        self.deaths, self.starts = 0, []
        begun = time.monotonic()
        site.cluster.end(FIRST, Process.kill)
        while (passed := time.monotonic() - begun) < seconds:
            pods = pods_processes()
            if len(pods) > 1:  # the others may be waiting for their next start, and somebody has to serve
                os.kill(pods[self.deaths % len(pods)], signal.SIGKILL)
                self.deaths += 1
            if len(self.starts) < RESTARTS * passed / seconds:
                self.starts.append(site.restart(len(self.starts)))
            threading.Event().wait(min(BETWEEN_DEATHS, seconds - passed))
        self.lasted = time.monotonic() - begun
        self.audit = Audit(site.cluster)
        site.cluster.start_api_server(FIRST, PORT)
        self.returned = time.monotonic()

    def lists(self):
        """How often each kind was listed since the return."""
        return collections.Counter(one.resource for one in self.audit.requests(USER) if one.is_list)


def soak(seconds, _connections, where):
    yield from enclosed.soak(__name__, seconds, where)


def parts(cluster, seconds, where):
    site = Site(cluster, where)
    with site.gateway("kept", workers=2) as gateway, Load() as load:
        await_kept(gateway)
        load.begin(gateway.address, GETS, rate=RATE)
        site.replace_pods()
        outage = Outage(site, seconds)
        site.add("late.test", "late")
        while status(gateway, "late.test") != 200:
            assert time.monotonic() < outage.returned + 60, f"it does not follow; it said:\n{gateway.errors.text()}"
        in_sync = time.monotonic() - outage.returned
        lists = outage.lists()
        site.replace_pods()
        load.wait_for_more_requests(RATE)
        result = load.stop()
        for line in gateway.errors.lines[-20:]:
            print(line, flush=True)
    wrong = collections.Counter(got for *_, got in result["seen"] if got != "web")
    for line in [*map(str, wrong.items()), *result["failures"][:10]]:
        print(line, flush=True)
    print(f"lists since the return: {dict(lists)}", flush=True)
    yield "outage", [
        at_least("seconds without an API server", int(outage.lasted), seconds),
        at_least("rollouts before and after it", site.rollouts, 2 * ROLLOUTS),
        at_least("pods that died meanwhile", outage.deaths, 1),
        at_least("requests", len(result["seen"]), RATE * seconds // 2),
        Figure("requests a second", f"{rate_of(result['seen']):.0f}"),
        at_most("requests that failed", wrong.total() + len(result["failures"]), 0),
        at_most("until what changed after its return was served", in_sync, 2, " s"),
        at_most("lists of the kind that was listed most, since its return", max(lists.values(), default=0), 1),
        at_least("starts meanwhile", len(outage.starts), 1),
        at_most("until the slowest of them served", max(outage.starts), 2, " s"),
    ]
