# SPDX-License-Identifier: Apache-2.0
"""Floods of TLS itself (T-10): who does nothing but ask for new keys loses the connection, and others are served all the while."""
import contextlib
import time

from certificates import Authority, dial
from folder import Folder, ingress, path, rule, served
from gateway import Gateway
from handshaker import Handshaker
from key_updates import flood
from origins import Origins
from raw_client import DEADLINE, Client, Ended
from tls_world import hello_of

HOST = "secure.test"
# What sockets hold without anybody reading them comes beside what the gateway takes before it has had enough.
MOST_UPDATES = 100_000


def test_handshakes_that_stop_in_the_middle_shut_nobody_out(tmp_path):
    """Of one source they leave room for others at once, and for itself after a second each."""
    authority = Authority(tmp_path / "authority")
    folder = Folder(tmp_path / "objects")
    web = ingress("web", rule(HOST, path("/shop", "web")), tls=[{"hosts": [HOST], "secretName": "pair"}])
    folder.write("web.yaml", authority.pair(HOST).secret("pair"), web)
    hello = hello_of(authority.client(("http/1.1",)), HOST)
    with Gateway(folder, "--limit", "handshakes=4", "--limit", "handshake-time=600000", tls=True) as gateway, contextlib.ExitStack() as stack:
        stalled = [stack.enter_context(Client(gateway.tls_address)) for _ in range(2)]
        for one in stalled:
            one.send(hello)
            one.take(5)  # of the server's part: it is at work
        assert shakes_hands(gateway, authority, "127.0.0.2")
        deadline = time.monotonic() + 2 * DEADLINE
        while not shakes_hands(gateway, authority, "127.0.0.1"):
            assert time.monotonic() < deadline, "those that stopped keep their places"
        stalled[0].take_to_end()


def shakes_hands(gateway, authority, source):
    try:
        with Client(gateway.tls_address, source=source, tls=dial(authority.client(("http/1.1",)), HOST)) as client:
            return client.get(HOST).status == 404
    except (OSError, Ended):
        return False


def test_key_updates_are_bounded(tmp_path):
    authority = Authority(tmp_path / "authority")
    with Origins("web") as origins:
        folder = Folder(tmp_path / "objects")
        web = ingress("web", rule(HOST, path("/", "web")), tls=[{"hosts": [HOST], "secretName": "pair"}])
        folder.write("web.yaml", *served("web", origins.ports["web"]), authority.pair(HOST).secret("pair"), web)
        with Gateway(folder, tls=True) as gateway, Handshaker(gateway.tls_address, HOST, authority) as good:
            assert good.report()["handshakes"] > 0
            for _ in range(5):
                sent, ended = flood(gateway.tls_address, HOST, MOST_UPDATES)
                assert ended, f"{sent} updates were taken"
            report = good.report()
    assert report["handshakes"] > 0 and not report["failures"]
