# SPDX-License-Identifier: Apache-2.0
"""A site whose gateway keeps what is last good, and a gateway of it that is killed again and again while it writes."""
import os
import threading
import time

from certificates import Authority
from folder import Folder, ingress, path, route, rule, served
from gateway import Gateway
from holding_origin import HoldingOrigin
from raw_client import DEADLINE, once, request
from scale_metrics import await_metric

KEY = "0123456789abcdef0123456789abcdef\n"
LEFT_OUT = "serving without the Secrets that were left out"


class World:
    """An origin, a folder with a site and its certificate, a place to keep what is last good, and the key of it."""

    def __init__(self, where):
        self.where = where
        self.origin = HoldingOrigin(held=False)
        self.authority = Authority(where / "authority")
        self.folder = Folder(where / "objects")
        self.kept, self.key = where / "kept", where / "key"
        self.key.write_text(KEY)
        self.folder.write("web.yaml", *served("web", self.origin.port), self.authority.pair("web.test").secret("pair"),
                          ingress("web", rule("web.test", path("/", "web")), tls=[{"hosts": ["web.test"], "secretName": "pair"}]))

    def gateway(self, *options, key=True, **more):
        secrets = ("--last-good-key", self.key) if key else ("--last-good-without-secrets",)
        return Gateway(self.folder, "--last-good", self.kept, *secrets, *options, **more)

    def keep(self, **more):
        """Runs one until what it serves is kept."""
        with self.gateway(**more) as gateway:
            assert status(gateway) == 200
            await_kept(gateway)

    def lose_folder(self):
        os.rename(self.folder.path, self.where / "away")

    def find_folder(self):
        os.rename(self.where / "away", self.folder.path)


def status(gateway, host="web.test"):
    return once(gateway.address, request("GET", host)).status


def await_status(gateway, host, wanted):
    end = time.monotonic() + DEADLINE
    while (seen := status(gateway, host)) != wanted:
        assert time.monotonic() < end, f"{host}: {seen}; it said:\n{gateway.errors.text()}"


def await_kept(gateway, writes=1):
    await_metric(gateway, "sallyport_last_good_writes_total", writes)


class Killed:
    """Each round a change, a gateway that serves it and is killed at a moment of the dice's, and one that starts without the folder."""

    def __init__(self, where, dice):
        self.world, self.dice = World(where), dice
        self.world.keep()
        self.rounds, self.lost, self.slowest = 0, 0, 0.0

    def kill(self):
        self.rounds += 1
        self.world.folder.write("new.yaml", route(f"new{self.rounds}.test", "web", name="new"))
        gateway = self.world.gateway()
        try:
            # The first write begins a quarter of a second after it is ready.
            threading.Event().wait(self.dice.uniform(0.2, 0.4))
        finally:
            gateway.kill()
        self.world.lose_folder()
        try:
            self.restart()
        finally:
            self.world.find_folder()

    def restart(self):
        begun = time.monotonic()
        with self.world.gateway() as gateway:
            self.slowest = max(self.slowest, time.monotonic() - begun)
            recent = [f"new{at}.test" for at in range(max(1, self.rounds - 3), self.rounds + 1)]
            serves = [status(gateway, host) for host in recent]
            self.lost += status(gateway) != 200 or (self.rounds > 1 and 200 not in serves)
