# SPDX-License-Identifier: Apache-2.0
"""Rolling restarts of what is behind the gateway, under load: no request fails, however the old pods end."""
import collections

import pytest
from cluster import accepted
from folder import route
from gateway import Gateway
from images import echoes
from scale_load import Load

ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
RATE = 300
RESTARTS = 2


def restart(cluster, namespace, number):
    """As `kubectl rollout restart`, which refuses a second one within a second."""
    mark = {"restarted": str(number)}
    cluster.api.merge("deployments", namespace, "web", {"spec": {"template": {"metadata": {"annotations": mark}}}})


@pytest.mark.parametrize("at_term", ["exit", "drain", "refuse", "reset"])
def test_no_request_fails_while_pods_are_replaced(cluster, namespace, at_term):
    cluster.apply(*echoes("web", namespace, f"--at-term={at_term}", replicas=3, strategy=ROLLING),
                  route("web.test", "web") | {"metadata": {"name": "web", "namespace": namespace}}, namespace=namespace)
    before = cluster.await_ready(namespace, 3)
    with Gateway(cluster.source(namespace), workers=2) as gateway, Load() as load:
        gateway.errors.wait_for(accepted("Ingress", namespace, "web"))
        load.begin(gateway.address, [("web.test", "/"), ("web.test", "/other")], rate=RATE)
        load.wait_for_more_requests(RATE)
        for number in range(RESTARTS):
            restart(cluster, namespace, number)
            cluster.kubectl("rollout", "status", "-n", namespace, "deployment/web", "--timeout=120s")
        load.wait_for_more_requests(RATE)
        result = load.stop()
    after = cluster.await_ready(namespace, 3)
    assert not set(before) & set(after)
    assert not result["failures"]
    assert set(collections.Counter(got for *_, got in result["seen"])) == {"web"}
