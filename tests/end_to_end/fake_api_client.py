# SPDX-License-Identifier: Apache-2.0
"""A plain client of the API server of a test, over HTTP/1.1 in clear text: what a test of that server itself asks with."""
import http.client
import json

from raw_client import DEADLINE

METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def open_request(api, method, path, body=None, **headers):
    """A connection, and the answer whose body was not read yet."""
    connection = http.client.HTTPConnection(*api.address, timeout=DEADLINE)
    connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
    return connection, connection.getresponse()


def ask(api, method, path, body=None, **headers):
    """The status, and the body as JSON or, when it is none, as text."""
    connection, response = open_request(api, method, path, body, **headers)
    text = response.read().decode()
    connection.close()
    try:
        return response.status, json.loads(text)
    except ValueError:
        return response.status, text


def names(answer):
    status, body = answer
    assert status == 200, body
    return [item["metadata"]["name"] for item in body["items"]]


class WatchReader:
    """An open watch, read line by line."""

    def __init__(self, api, path, **headers):
        self.connection, self.response = open_request(api, "GET", path, **headers)
        self.status = self.response.status

    def line(self):
        """The next line; empty at the end."""
        return self.response.readline()

    def event(self):
        """(type, name or code, resourceVersion) of the next one; None at the end."""
        line = self.line()
        if not line:
            return None
        event = json.loads(line)
        metadata = event["object"].get("metadata", {})
        return event["type"], metadata.get("name", event["object"].get("code")), metadata.get("resourceVersion")

    def events(self, count):
        return [self.event()[:2] for _ in range(count)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
