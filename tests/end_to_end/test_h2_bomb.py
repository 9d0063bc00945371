# SPDX-License-Identifier: Apache-2.0
"""The HTTP/2 Bomb and its kin (S18, H2-4): a few bytes refer to one large field of the dynamic table again and again, on many
streams, whose answers are then not taken. What one connection can pin is bounded, in proportion to what it sent, and soon given back.
"""
import dataclasses
import functools
import pathlib
import time

import h2_frames as h2
import pytest
from gateway import BINARY
from h2_wire import H2Client
from raw_client import DEADLINE, Ended
from scale_metrics import metrics
from slow_attack import Attacked

CONNECTIONS, STREAMS = 8, 100
MIB = 2**20
FIRST_DYNAMIC = h2.indexed(62)


@dataclasses.dataclass(frozen=True)
class Bomb:
    """`entry` goes into the table once; each stream's head refers to it so many times."""
    entry: tuple
    references: int


BOMBS = {
    "far too much in each head": Bomb(("x", "y" * 4000), 4000),
    "just within the limit of a head": Bomb(("x-a", "y" * 250), 90),
    "crumbs of cookies": Bomb(("cookie", "a" * 250), 90),
    "thousands of crumbs": Bomb(("cookie", "a"), 8000),
}
NOTHING = Bomb(("x", ""), 90)
PLAIN = Bomb(("x", "y"), 1)
FIELD = 64  # bytes that each is charged beside its name and value


class Attacker:
    """One connection that has sent a bomb and takes nothing; it ends when the gateway ends it."""

    def __init__(self, address, host, bomb, path):
        self.client, self.sent, self.is_cut = H2Client(address, settings=((h2.INITIAL_WINDOW_SIZE, 0),)), 0, False
        head = h2.block(h2.request_fields("GET", host, path))
        try:
            self.send(h2.headers(1, head + h2.literal(*bomb.entry, first=0x40)))
            for stream in range(3, 2 * STREAMS + 1, 2):
                self.send(h2.headers(stream, head + FIRST_DYNAMIC * bomb.references))
            self.ask()
            for stream in range(1, 2 * STREAMS + 1, 2):
                self.send(h2.window_update(stream, 1))
            self.ask()
        except (Ended, OSError):
            self.is_cut = True

    def send(self, data):
        self.client.send(data)
        self.sent += len(data)

    def ask(self):
        """Whatever was sent before has been read when this is answered."""
        known = len(self.client.pongs)
        self.client.send(h2.ping())
        self.client.until(lambda: len(self.client.pongs) > known)


@functools.cache
def is_sanitized():
    """What sanitizers add to memory is no pinned byte; the gateway's own count is judged in every build."""
    program = pathlib.Path(BINARY).read_bytes()
    return b"__asan_init" in program or b"__tsan_init" in program


def resident(gateway):
    return int(pathlib.Path(f"/proc/{gateway.pid}/statm").read_text().split()[1]) * 4096


def held(gateway):
    return metrics(gateway)["sallyport_held_bytes"]


def pinned(attacked, bomb, path):
    """(bytes held, bytes resident, bytes sent) for each of the connections, which are closed again."""
    gateway = attacked.gateway
    before, resident_before = held(gateway), resident(gateway)
    attackers = [Attacker(gateway.address, "web.test", bomb, path) for _ in range(CONNECTIONS)]
    found = held(gateway) - before, resident(gateway) - resident_before, sum(one.sent for one in attackers)
    for one in attackers:
        one.client.reset()
    attacked.wait_until_idle()
    return [count / CONNECTIONS for count in found]


@pytest.fixture
def attacked(tmp_path):
    """Its origin has answers that nobody takes, small ones and one of megabytes."""
    with Attacked(tmp_path) as running:
        pinned(running, PLAIN, "/big")  # what is allocated once
        yield running


@pytest.mark.parametrize("path", ["/", "/big"])
@pytest.mark.parametrize("bomb", [*BOMBS.values(), NOTHING], ids=[*BOMBS, "fields of nothing"])
def test_what_a_connection_pins_is_bounded(attacked, bomb, path):
    held_bytes, resident_bytes, _ = pinned(attacked, bomb, path)
    assert held_bytes <= 2 * MIB
    assert is_sanitized() or resident_bytes <= 2 * MIB


# Beyond what as many streams need whatever their heads are.
@pytest.mark.parametrize("bomb", BOMBS)
def test_it_is_in_proportion_to_what_was_sent(attacked, bomb):
    plain, _, _ = pinned(attacked, PLAIN, "/")
    held_bytes, _, sent = pinned(attacked, BOMBS[bomb], "/")
    assert held_bytes - plain <= 10 * sent


# A byte makes one, and it has a place in memory all the same: what the limits count is no less than that.
def test_a_field_of_nothing_takes_no_more_than_it_is_charged(attacked):
    plain, _, _ = pinned(attacked, PLAIN, "/")
    held_bytes, _, _ = pinned(attacked, NOTHING, "/")
    assert held_bytes - plain <= STREAMS * NOTHING.references * FIELD


@pytest.mark.parametrize("bomb", [*BOMBS.values(), NOTHING], ids=[*BOMBS, "fields of nothing"])
def test_it_is_given_back_while_the_connection_stays(tmp_path, bomb):
    with Attacked(tmp_path, "--limit=write-stall=1000") as attacked:
        before = held(attacked.gateway)
        attackers = [Attacker(attacked.gateway.address, "web.test", bomb, "/big") for _ in range(CONNECTIONS)]
        end = time.monotonic() + DEADLINE
        while held(attacked.gateway) - before > CONNECTIONS * MIB / 16:
            assert time.monotonic() < end, "what was pinned stays"
        for one in attackers:
            one.client.close()
