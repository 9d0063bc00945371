# SPDX-License-Identifier: Apache-2.0
"""A cluster's objects as a Folder of the end-to-end tests has them: files that are written and removed, so that what is played with a
folder can be played with a cluster."""
import copy

from api import Refused, path_of

RESOURCES = {"Ingress": "ingresses", "Service": "services", "EndpointSlice": "endpointslices", "Secret": "secrets",
             "ConfigMap": "configmaps", "GateRoute": "gateroutes"}


def reachable(address):
    """In a cluster nobody's endpoints are on loopback: 127.0.0.2 of a folder is 10.245.0.2, which is this machine's too."""
    return "10.245.0." + address.removeprefix("127.0.0.") if address.startswith("127.0.0.") else address


class Applied:
    """In one namespace. What the API server refuses, and kinds that are not in namespaces, are left out; `refused` counts them."""

    def __init__(self, cluster, namespace, user="admin"):
        self.cluster, self.namespace, self.user = cluster, namespace, user
        self.api, self.files, self.refused = cluster.api.kept(), {}, 0

    def source_options(self):
        return self.cluster.source(self.namespace, self.user).source_options()

    def write(self, name, *objects):
        before, now = self.files.get(name, set()), set()
        for item in objects:
            resource = RESOURCES.get(item["kind"])
            try:
                assert resource
                self.api.apply(resource, self.namespace, self.translated(item))
                now.add((resource, item["metadata"]["name"]))
            except (AssertionError, Refused):
                self.refused += 1
        self.files[name] = now
        self.delete(before - now)

    def remove(self, name):
        self.delete(self.files.pop(name))

    def clear(self):
        for name in list(self.files):
            self.remove(name)

    def delete(self, objects):
        for resource, name in objects:
            self.api.ask("DELETE", path_of(resource, self.namespace, name))

    def translated(self, item):
        item = copy.deepcopy(item)
        item["metadata"]["namespace"] = self.namespace
        for endpoint in item.get("endpoints", ()):
            endpoint["addresses"] = [reachable(address) for address in endpoint["addresses"]]
        return item

    def close(self):
        self.api.close()
