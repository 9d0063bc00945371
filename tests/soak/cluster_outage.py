# SPDX-License-Identifier: Apache-2.0
"""The API server is away for half an hour, under load: pods are replaced before and after, and die meanwhile; a gateway that starts
meanwhile serves what was good last (R10, R11).

Meanwhile nobody tells the gateway that a pod is gone, so what it does about it is its own.
"""
import pathlib
import time

import enclosed
from api import path_of
from applied import Applied
from audit import Audit
from cluster import asked_until
from figure import Figure, at_least, at_most
from folder import route
from gateway import Gateway
from images import echoes
from last_good_world import KEY, await_kept, status
from rolling import GETS, PODS, STRATEGY
from scale_load import Load, rate_of

NAMESPACE = "default"
RATE, ROLLOUTS, DEATHS = 1000, 3, 20
PODS_WITH_SPARE = PODS + 1


class Site:
    def __init__(self, cluster):
        self.cluster = cluster
        self.restarts = 0
        # Without a grace period that is waited for: `kill` of a pod's process is its end.
        cluster.apply(*echoes("web", NAMESPACE, "--at-term=exit", replicas=PODS_WITH_SPARE, strategy=STRATEGY), namespace=NAMESPACE)
        self.objects = Applied(cluster, NAMESPACE)
        self.objects.write("web.yaml", route("web.test", "web"))
        cluster.await_ready(NAMESPACE, PODS_WITH_SPARE)

    def replace_pods(self):
        for _ in range(ROLLOUTS):
            self.restarts += 1
            mark = {"restarted": str(self.restarts)}
            self.cluster.api.merge("deployments", NAMESPACE, "web", {"spec": {"template": {"metadata": {"annotations": mark}}}})
            self.cluster.kubectl("rollout", "status", "-n", NAMESPACE, "deployment/web", "--timeout=120s")


def echoing():
    """The processes of pods."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if len(words) > 2 and words[1] == b"echo" and words[0].endswith(b"sallyport"):
            found.append(int(folder.name))
    return found
