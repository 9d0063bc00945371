# SPDX-License-Identifier: Apache-2.0
"""Floods of TLS itself (T-10): who does nothing but ask for new keys loses the connection, and others are served all the while."""
from certificates import Authority
from folder import Folder, ingress, path, rule, served
from gateway import Gateway
from handshaker import Handshaker
from key_updates import flood
from origins import Origins

HOST = "secure.test"
# What sockets hold without anybody reading them comes beside what the gateway takes before it has had enough.
MOST_UPDATES = 100_000


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
