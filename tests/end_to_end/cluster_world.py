# SPDX-License-Identifier: Apache-2.0
"""An API server with a site in it, its origin, and gateways that read it: what tests of the API server as a source play with."""
import contextlib
import pathlib
import re

from certificates import Authority
from fake_api import FakeApi, await_that
from folder import endpoint_slice, route, service
from gateway import Gateway
from holding_origin import HoldingOrigin
from last_good_world import status
from recovery import attempt, health_answers
from raw_client import request

POD = "10.244.0.9"  # in a cluster nobody's endpoints are on loopback
TOKEN = "a-token-of-the-test"
USER = "system:serviceaccount:sallyport:sallyport"


class Cluster:
    """By TLS and with a token, as in a cluster."""

    def __init__(self, where, own_kinds=True):
        self.where = pathlib.Path(where)
        self.origin = HoldingOrigin(held=False, address=POD)
        self.authority = Authority(self.where / "authority")
        self.api = FakeApi(self.where, self.authority, own_kinds=own_kinds)
        self.api.behave(tokens={TOKEN: USER})
        self.config = self.api.kubeconfig(token=TOKEN)
        self.api.put(*self.site())

    def site(self):
        return [*self.served(), route("web.test", "web")]

    def served(self, namespace="default"):
        return [service("web", namespace=namespace), self.endpoints(namespace=namespace)]

    def endpoints(self, suffix="1", namespace="default"):
        return endpoint_slice("web", self.origin.port, (POD,), suffix, namespace=namespace)

    def source_options(self):
        return "--kubeconfig", self.config, "--watch-without-class", "on"

    def gateway(self, *options, **more):
        return Gateway(self, *options, **more)

    def route(self, host, name):
        """One more Ingress to the origin."""
        self.api.put(route(host, "web", name=name))

    def close(self):
        self.api.close()
        self.origin.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def await_host(gateway, host, wanted=200):
    await_that(lambda: status(gateway, host) == wanted, lambda: f"{host} is not {wanted}; it said:\n{gateway.errors.text()}")


def await_ready(gateway):
    await_that(lambda: health_answers(gateway, "/readyz"), gateway.errors.text)


def readiness(gateway):
    return attempt(gateway.health, request("GET", "localhost", "/readyz"), 5)


def lists(api, plural, since=0):
    """The requests that asked for all objects of a kind."""
    def is_list(one):
        return one["verb"] == "list" and "continue=" not in one["target"] or "sendInitialEvents=true" in one["target"]
    return [one for one in api.log(since) if re.search(f"/{plural}\\?", one["target"]) and is_list(one)]


@contextlib.contextmanager
def serving(gateway, *hosts):
    """Within it, and at its end, these hosts are served."""
    def all_are():
        assert [status(gateway, host) for host in hosts] == [200] * len(hosts), gateway.errors.text()
    all_are()
    yield all_are
    all_are()


def addresses(cluster, name="web"):
    """What the status of an Ingress has."""
    item = cluster.api.get("networking.k8s.io/v1", "Ingress", name)
    return [one.get("ip") for one in item.get("status", {}).get("loadBalancer", {}).get("ingress", ())]


def writes(gateway):
    """Whether this replica says that it writes statuses."""
    said = [line for line in gateway.errors.lines if "this replica " in line]
    return bool(said) and "this replica writes them" in said[-1]


def who_writes(gateways):
    """The replica that says so, once one does."""
    await_that(lambda: any(map(writes, gateways)), lambda: "no replica writes")
    return next(gateway for gateway in gateways if writes(gateway))
