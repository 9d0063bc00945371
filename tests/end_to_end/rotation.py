# SPDX-License-Identifier: Apache-2.0
"""A Secret whose certificate is replaced again and again, some of the new pairs being broken, while handshakes go on (R14)."""
import hashlib
import ssl
import time

from certificates import Authority, secret
from folder import Folder, ingress, path, rule, served
from gateway import Gateway
from handshaker import Handshaker, fingerprint
from origins import Origins
from raw_client import DEADLINE

HOST = "secure.test"
# Enough that no two in a row are alike; making one takes longer than serving it.
PAIRS = 12


def broken(good, other, number):
    """(certificate, key) that no server can use, in one of the ways in which people break them."""
    return [
        (good.certificate, other.key),
        (good.certificate[:len(good.certificate) // 2], good.key),
        (good.certificate, good.key[:len(good.key) // 2]),
        ("", good.key),
        (good.certificate, ""),
        (good.key, good.certificate),
        ("no certificate", "no key"),
    ][number % 7]


class Rotation:
    """A gateway with one certificate, and processes that shake hands with it all the while, `rate` times a second together. `objects`
    are in place of a folder, and origins listen on `address` there.
    """

    def __init__(self, where, rate=50, processes=1, objects=None, address="127.0.0.1"):
        self.authority = Authority(where / "authority")
        self.pairs = [self.authority.pair(HOST) for _ in range(PAIRS)]
        self.context = ssl.create_default_context(cadata=self.authority.certificate)
        self.origins, self.folder = Origins("web", address=address), objects or Folder(where / "objects")
        self.current, self.rate = self.pairs[0], rate / processes
        self.processes = processes
        self.rotations, self.longest = 0, 0.0
        self.folder.write("secret.yaml", self.current.secret("pair"))
        web = ingress("web", rule(HOST, path("/", "web")), tls=[{"hosts": [HOST], "secretName": "pair"}])
        self.folder.write("web.yaml", *served("web", self.origins.ports["web"]), web)

    def shown(self):
        return fingerprint(self.gateway.tls_address, HOST, self.context)

    def write(self, certificate, key):
        self.folder.write("secret.yaml", secret("pair", certificate, key))

    def replace(self):
        """By the next good pair; returns when it is shown."""
        self.rotations += 1
        self.current = self.pairs[self.rotations % PAIRS]
        self.write(self.current.certificate, self.current.key)
        begun = time.monotonic()
        wanted = hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.current.certificate)).hexdigest()
        while self.shown() != wanted:
            assert time.monotonic() < begun + DEADLINE, f"the new pair is not shown; the gateway said:\n{self.gateway.errors.text()}"
        self.longest = max(self.longest, time.monotonic() - begun)

    def break_it(self):
        """By a pair that is none; returns when the gateway has said so. The one before stays in force."""
        self.rotations += 1
        known, before = len(self.gateway.errors.lines), self.shown()
        self.write(*broken(self.current, self.pairs[(self.rotations + 1) % PAIRS], self.rotations // 10))
        self.gateway.errors.wait_for(r"rejected Secret default/pair", start=known)
        assert self.shown() == before

    def rotate(self, count=None, until=None):
        """Every tenth is broken."""
        end = self.rotations + (count or 10**9)
        while self.rotations < end and (until is None or time.monotonic() < until):
            if self.rotations % 10 == 9:
                self.break_it()
            else:
                self.replace()

    def reports(self):
        """Of each process."""
        return [one.report() for one in self.handshakers]

    def __enter__(self):
        self.gateway = Gateway(self.folder, tls=True).__enter__()
        self.handshakers = [Handshaker(self.gateway.tls_address, HOST, self.authority, self.rate).__enter__() for _ in range(self.processes)]
        return self

    def __exit__(self, *given):
        for one in self.handshakers:
            one.__exit__(*given)
        self.gateway.__exit__(*given)
        self.origins.close()

