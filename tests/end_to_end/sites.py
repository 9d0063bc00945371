# SPDX-License-Identifier: Apache-2.0
"""A gateway with many hosts, each with one endpoint on a loopback address of its own, where a test may play the origin."""
import re

from folder import Folder, endpoint_slice, ingress, path, rule, service
from gateway import Gateway
from h2_wire import H2Client
from raw_client import Client, request
from recorder import Ended, Recorder, listening

MANAGED = re.compile(rb"(?:X-Forwarded-[A-Za-z]+|X-Request-Id): [^\r]*", re.IGNORECASE)


def own(message):
    """The bytes of a forwarded request without the fields that the gateway adds to every one."""
    head, blank, body = message.raw.partition(b"\r\n\r\n")
    return b"\r\n".join(line for line in head.split(b"\r\n") if not MANAGED.fullmatch(line)) + blank + body


class Site:
    def __init__(self, sites, number):
        self.sites = sites
        self.gateway = sites.gateway
        self.host = f"s{number}.test"
        self.origin = Recorder((address_of(number), sites.port))
        self.clients = []

    def client(self, **more):
        self.clients.append(Client(self.gateway.address, **more))
        return self.clients[-1]

    def h2_client(self, **more):
        self.clients.append(H2Client(self.gateway.address, **more))
        return self.clients[-1]

    def request(self, method="GET", target="/", *fields, body=b""):
        return request(method, self.host, target, *fields, body=body)

    def raw(self, data):
        """The bytes with this site's host for HOST."""
        return data.replace(b"HOST", self.host.encode())

    def exchange(self, data, method="GET", status=200, body=b"", *fields):
        """Sends it on a new connection and answers it: (client, response, what the origin received)."""
        client = self.client()
        client.send(self.raw(data))
        arrived = self.origin.serve(status, body, *fields)
        return client, client.read_response(method), arrived

    def forwarded(self, data):
        """The bytes that the origin got for this, without the gateway's own fields; the answer reached the client."""
        _, response, arrived = self.exchange(data)
        assert response.status == 200
        return own(arrived)

    def refuses(self, data, status, rule, method="GET"):
        """The answer of the gateway names the rule, the connection ends, and the origin hears nothing of it."""
        client = self.client()
        client.send(self.raw(data))
        response = client.read_response(method)
        assert response.status == status, response.raw
        if method != "HEAD":
            assert f"({rule})".encode() in response.body, response.raw
        assert response.closes, response.raw
        client.expect_end()
        assert self.arrivals() == []
        return response

    def arrivals(self):
        """What came to the origin so far: a later request of the gateway's only other client marks the end of it."""
        marker = self.client()
        marker.send(self.request("GET", "/marker"))
        earlier = []
        while True:
            connection = self.origin.accept()
            try:
                arrived = connection.read_request()
            except Ended:
                earlier.append(connection.unread)
                continue
            if arrived.target != "/marker":
                earlier.append(arrived.raw)
                connection.answer(close=True)
                continue
            connection.answer(close=True)
            assert marker.read_response().status == 200
            return earlier

    def close(self):
        for client in self.clients:
            client.close()
        self.origin.close()
        self.sites.check()


def address_of(number):
    return f"127.77.{number // 250}.{number % 250 + 1}"


class Sites:
    def __init__(self, where, options=(), count=900, **more):
        self.folder, self.options, self.count, self.more = Folder(where), options, count, more
        self.taken = 0
        with listening(("127.0.0.1", 0)) as chosen:
            self.port = chosen.getsockname()[1]
        objects = []
        for number in range(count):
            name = f"s{number}"
            objects += [service(name), endpoint_slice(name, self.port, (address_of(number),))]
        rules = [rule(f"s{number}.test", path("/", f"s{number}")) for number in range(count)]
        self.folder.write("sites.yaml", *objects, ingress("sites", *rules))
        self.gateway = Gateway(self.folder, *options, **more)

    def take(self):
        assert self.taken < self.count, "more sites are needed than there are"
        self.taken += 1
        return Site(self, self.taken - 1)

    def check(self):
        """A gateway that is gone is this test's failure, and the next one gets a new one."""
        if self.gateway.is_running():
            return
        said = self.gateway.errors.text()
        self.gateway.wait()
        self.gateway = Gateway(self.folder, *self.options, **self.more)
        raise AssertionError("the gateway ended:\n" + said)

    def finish(self):
        self.gateway.finish()
