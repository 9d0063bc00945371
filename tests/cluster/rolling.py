# SPDX-License-Identifier: Apache-2.0
"""Three pods behind one host, restarted again and again while requests come (reference: reliability-security.md 5.2, R4)."""
import contextlib

from cluster import accepted
from folder import route
from gateway import Gateway
from images import echoes
from scale_load import Load

STRATEGY = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
AT_TERM = ("exit", "drain", "refuse", "reset")
PODS = 3
GETS = [("web.test", "/"), ("web.test", "/other")]


class Rolling:
    """A gateway with two workers before pods that end in that way, and a load of these requests a second on it."""

    def __init__(self, cluster, namespace, at_term, asks, rate):
        self.cluster, self.namespace, self.asks, self.rate = cluster, namespace, asks, rate
        self.restarts = 0
        cluster.apply(*echoes("web", namespace, f"--at-term={at_term}", replicas=PODS, strategy=STRATEGY),
                      route("web.test", "web") | {"metadata": {"name": "web", "namespace": namespace}}, namespace=namespace)
        self.pods()
        self.open = contextlib.ExitStack()

    def pods(self):
        """The names of all that are there, once all are ready."""
        return set(self.cluster.await_ready(self.namespace, PODS))

    def restart(self):
        self.restarts += 1
        self.cluster.restart(self.namespace, "web", self.restarts)

    def __enter__(self):
        self.gateway = self.open.enter_context(Gateway(self.cluster.source(self.namespace), workers=2))
        self.load = self.open.enter_context(Load())
        self.gateway.errors.wait_for(accepted("Ingress", self.namespace, "web"))
        self.load.begin(self.gateway.address, self.asks, rate=self.rate)
        self.load.wait_for_more_requests(self.rate)
        return self

    def __exit__(self, *given):
        return self.open.__exit__(*given)
