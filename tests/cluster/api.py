# SPDX-License-Identifier: Apache-2.0
"""The Kubernetes API over HTTPS: one request each connection, and waiting for objects by list and watch."""
import http.client
import json
import socket
import ssl
import time
import urllib.parse

from raw_client import DEADLINE

GROUPS = {"pods": "/api/v1", "services": "/api/v1", "secrets": "/api/v1", "configmaps": "/api/v1", "nodes": "/api/v1",
          "events": "/api/v1", "namespaces": "/api/v1", "serviceaccounts": "/api/v1",
          "deployments": "/apis/apps/v1", "replicasets": "/apis/apps/v1", "daemonsets": "/apis/apps/v1",
          "endpointslices": "/apis/discovery.k8s.io/v1", "leases": "/apis/coordination.k8s.io/v1", "ingresses": "/apis/networking.k8s.io/v1",
          "gateroutes": "/apis/sallyport.dev/v1alpha1"}


def path_of(resource, namespace=None, name=None, below=None):
    """path_of("pods", "shop", "web-0", "log")"""
    parts = [GROUPS[resource], *(["namespaces", namespace] if namespace else []), resource, name, below]
    return "/".join(part for part in parts if part)


class Refused(AssertionError):
    def __init__(self, status, said):
        super().__init__(f"{status}: {said}")
        self.status = status


def said_in(answer):
    text = answer.read().decode()
    if answer.status >= 400:
        raise Refused(answer.status, text)
    return json.loads(text) if answer.getheader("Content-Type", "").startswith("application/json") else text


class Api:
    def __init__(self, address, authority, token):
        self.address, self.token, self.authority = address, token, authority
        self.tls = ssl.create_default_context(cafile=authority)

    def connect(self, deadline=DEADLINE):
        return http.client.HTTPSConnection(*self.address, timeout=deadline, context=self.tls)

    def open(self, method, path, body=None, kind="application/json", deadline=DEADLINE):
        connection = self.connect(deadline)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
        return connection, connection.getresponse()

    def kept(self):
        return KeptApi(self)

    def status(self, method, path, body=None):
        """The status of the answer alone; 0 where nobody answers."""
        try:
            connection, answer = self.open(method, path, body)
        except OSError:
            return 0
        connection.close()
        return answer.status

    def ask(self, method, path, body=None, kind="application/json"):
        """The object that is answered; an answer of 400 and more is raised."""
        connection, answer = self.open(method, path, body, kind)
        try:
            return said_in(answer)
        finally:
            connection.close()

    def get(self, resource, namespace=None, name=None):
        return self.ask("GET", path_of(resource, namespace, name))

    def list(self, resource, namespace=None, labels=""):
        query = f"?labelSelector={urllib.parse.quote(labels)}" if labels else ""
        return self.ask("GET", path_of(resource, namespace) + query)["items"]

    def create(self, resource, namespace, item):
        return self.ask("POST", path_of(resource, namespace), item)

    def merge(self, resource, namespace, name, change, below=None):
        """Some fields of an object, as `kubectl patch --type merge`."""
        return self.ask("PATCH", path_of(resource, namespace, name, below), change, "application/merge-patch+json")

    def apply(self, resource, namespace, item):
        """Server-side; what another has applied is overruled."""
        path = path_of(resource, namespace, item["metadata"]["name"])
        return self.ask("PATCH", f"{path}?fieldManager=tests&force=true", item, "application/apply-patch+yaml")

    def delete(self, resource, namespace, name, **options):
        body = {"apiVersion": "v1", "kind": "DeleteOptions", **options}
        return self.ask("DELETE", path_of(resource, namespace, name), body)

    def until(self, holds, resource, namespace=None, labels="", deadline=3 * DEADLINE):
        """Lists and then watches until `holds`, of the objects by name, gives something that is true; that is given."""
        query = {"labelSelector": labels} if labels else {}
        path, end = path_of(resource, namespace), time.monotonic() + deadline
        listed = self.ask("GET", f"{path}?{urllib.parse.urlencode(query)}")
        objects = {item["metadata"]["name"]: item for item in listed["items"]}
        if found := holds(objects):
            return found
        query |= {"watch": "true", "resourceVersion": listed["metadata"]["resourceVersion"], "allowWatchBookmarks": "false"}
        connection, answer = self.open("GET", f"{path}?{urllib.parse.urlencode(query)}", deadline=deadline)
        try:
            while line := answer.readline():
                event = json.loads(line)
                item = event["object"]
                assert event["type"] in ("ADDED", "MODIFIED", "DELETED"), event
                objects[item["metadata"]["name"]] = item
                if event["type"] == "DELETED":
                    del objects[item["metadata"]["name"]]
                if found := holds(objects):
                    return found
                if time.monotonic() > end:
                    break
        except socket.timeout:
            pass
        finally:
            connection.close()
        raise AssertionError(f"{resource} did not become as expected: {json.dumps(objects, indent=1)}")


class KeptApi(Api):
    """The same over one connection that is kept, for who asks for much; of one thread. No watches."""

    def __init__(self, api):
        self.address, self.authority, self.token, self.tls = api.address, api.authority, api.token, api.tls
        self.connection = self.connect()

    def ask(self, method, path, body=None, kind="application/json"):
        self.send(method, path, body, kind)
        return self.receive()

    def send(self, method, path, body=None, kind="application/json"):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        self.connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)

    def receive(self):
        return said_in(self.connection.getresponse())

    def close(self):
        self.connection.close()
