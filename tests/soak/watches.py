# SPDX-License-Identifier: Apache-2.0
"""An API server that does everything wrong, one thing after the other (R12): what changed meanwhile is served 2 s after the end of each
fault, 45 s after a silent death, and nothing is missing or too much. And one that forgets all tokens every 30 s (R17).

It is the one of tests/fake_api_server, for the real one cannot be made to do such things.
"""
import random
import signal
import threading
import time

from cluster_world import POD, TOKEN, Cluster, readiness
from fake_api import FakeApi
from figure import at_least, at_most
from folder import route
from gateway import Gateway
from last_good_world import status
from namespaces import own_network

INGRESSES = "*/ingresses?*"
SOON, SILENT = 2, 45
HOSTS = 20
BETWEEN_TOKENS = 30


class World:
    """An API server, a gateway, and which of HOSTS hosts have an Ingress."""

    def __init__(self, where, dice, **config):
        self.cluster, self.dice, self.present = Cluster(where), dice, set()
        self.api: FakeApi = self.cluster.api
        if config:
            self.cluster.config = self.api.kubeconfig(**config)
        self.gateway: Gateway = self.cluster.gateway()
        self.api.await_watches("/ingresses?")

    def change(self):
        """Some come and some go."""
        for number in self.dice.sample(range(HOSTS), 4):
            if number in self.present:
                self.api.remove(self.route(number))
            else:
                self.api.put(self.route(number))
            self.present ^= {number}

    @staticmethod
    def route(number):
        return route(f"host{number}.test", "web", f"host{number}")

    def wrong(self):
        """Hosts that are served and have no Ingress, or the other way round."""
        return [number for number in range(HOSTS) if status(self.gateway, f"host{number}.test") != (200 if number in self.present else 404)]

    def until_right(self, patience):
        """How long it takes in seconds; infinite where it does not come right."""
        begun = time.monotonic()
        while self.wrong():
            if time.monotonic() > begun + patience:
                return float("inf")
        return time.monotonic() - begun

    def close(self):
        self.gateway.finish()
        self.cluster.close()


# What is done wrong; each is over when the function returns.


def away(world):
    world.api.port("refuse")
    world.api.port("drop")
    world.change()
    world.api.port("serve")


def forgotten(world):
    world.api.behave(expiredInStream=world.dice.random() < 0.5)
    world.api.port("refuse")
    world.api.port("drop")
    world.change()
    world.api.history(expire=True)
    world.api.port("serve")


def connections_end(world):
    world.change()
    world.api.port("drop")
    world.change()


def going_away(world):
    world.api.port("goAway")
    world.api.watches(do="end")
    world.change()


def watches_end(world):
    world.api.watches(do="end")
    world.change()


def half_a_line(world):
    world.api.watches(INGRESSES, do="cutNext", bytes=world.dice.randint(1, 400), then=world.dice.choice(["end", "reset"]))
    world.change()


def reversed_order(world):
    world.api.watches(INGRESSES, do="hold")
    world.change()
    world.change()
    world.api.watches(INGRESSES, do="releaseReversed")


def repeated(world):
    world.change()
    world.api.watches(INGRESSES, do="repeat")
    world.change()


def nonsense(world):
    world.api.watches(INGRESSES, do="send", text=world.dice.choice(["no JSON\n", '{"type":"DELETED"}\n', "[" * 10_000 + "\n", "{}\n"]))
    world.change()


def giant(world):
    world.api.put(route("giant.test", "web", "giant"), padding=10 << 20)
    world.change()


def broken_object(world):
    """While it is there and does not say who it is, a list removes nothing: what is not in it may be that one."""
    bad = route("bad.test", "web", "bad")
    world.api.put(bad, raw=world.dice.choice(["{}", "5", '{"metadata": {"name": "bad", "namespace": 5}}']))
    world.change()
    world.api.remove(bad)


def too_busy(world):
    forget = world.api.rule("* /api*", count=10, code=world.dice.choice([429, 500, 503]))
    world.api.watches(do="end")
    world.change()
    forget()


def events_lost(world):
    """Only a comparison finds them: it is asked for here, and comes each hour by itself."""
    world.api.watches(INGRESSES, do="loseNext", events=3)
    world.change()
    world.gateway.send_signal(signal.SIGHUP)


def versions_go_back(world):
    """As when etcd is restored: all versions are older ones, those of objects too. A watch from a version that is still to come hears
    nothing, so a comparison is asked for here too.
    """
    world.api.port("refuse")
    world.api.port("drop")
    world.api.history(resourceVersion=100)
    world.api.history(expire=True)
    world.api.put(*world.cluster.site(), *(world.route(number) for number in world.present))
    world.change()
    world.api.port("serve")
    world.gateway.send_signal(signal.SIGHUP)


def silent(world):
    """Until it was noticed that nobody is there."""
    told = len(world.gateway.errors.lines)
    world.api.freeze()
    try:
        world.gateway.errors.wait_for("no answer from the API server", told)
    finally:
        world.api.thaw()
    world.change()


FAULTS = (away, forgotten, connections_end, going_away, watches_end, half_a_line, reversed_order, repeated, nonsense, giant, broken_object,
          too_busy, events_lost, versions_go_back)


def soak_faults(where, seconds):
    world, end, longest, wrong, counts = World(where, random.Random(time.time_ns())), time.monotonic() + seconds, 0.0, 0, {}
    silences = []
    while time.monotonic() < end or len(counts) < len(FAULTS):
        fault = world.dice.choice(FAULTS)
        fault(world)
        took = world.until_right(SILENT)
        counts[fault.__name__] = counts.get(fault.__name__, 0) + 1
        if took > SOON:
            said = "\n".join(world.gateway.errors.lines[-5:])
            print(f"{took:.2f} s after {fault.__name__}, behind {counts}; wrong: {world.wrong()}; the gateway said:\n{said}", flush=True)
        longest, wrong = max(longest, took), wrong + (took == float("inf"))
        if sum(counts.values()) % 50 == 1:
            begun = time.monotonic()
            silent(world)
            silences.append(time.monotonic() - begun + world.until_right(SILENT))
    ready = readiness(world.gateway)
    world.close()
    return [
        at_least("faults, of each kind one at least", sum(counts.values()), len(FAULTS)),
        at_most("until what changed was served", longest, SOON, " s"),
        at_most("faults after which something was missing or too much", wrong, 0),
        at_most("until what changed was served after a silent death", max(silences), SILENT, " s"),
        at_most("gateways that are not ready at the end", int(ready != 200), 0),
    ]


def soak_tokens(where, seconds):
    where.mkdir(parents=True, exist_ok=True)
    token = where / "token"
    token.write_text(TOKEN)
    dice, renewals, longest, served, end = random.Random(1), 0, 0.0, 0, time.monotonic() + seconds
    world = World(where, dice, token_file=token)
    while time.monotonic() < end or renewals < 2:
        renewals += 1
        token.write_text(f"token{renewals}")
        world.api.behave(tokens={f"token{renewals}": f"user{renewals}"})
        world.api.watches(do="end")
        until = time.monotonic() + min(BETWEEN_TOKENS, max(1, seconds / 4))
        while time.monotonic() < until:
            world.change()
            longest, served = max(longest, world.until_right(SILENT)), served + 1
            threading.Event().wait(0.5)
    user = world.api.log()[-1]["user"]
    world.close()
    return [
        at_least("tokens that were replaced", renewals, 2),
        at_least("changes meanwhile", served, renewals),
        at_most("until the slowest of them was served", longest, SOON, " s"),
        at_most("tokens that the last request was behind", int(user != f"user{renewals}"), 0),
    ]


def soak(seconds, _connections, where):
    with own_network(POD):
        yield "faults", soak_faults(where / "faults", seconds)
        yield "tokens", soak_tokens(where / "tokens", seconds)
