# SPDX-License-Identifier: Apache-2.0
"""A gateway that keeps what is last good, killed 200 times while it writes; each time it starts again without its folder (R11)."""
import random
import time

from figure import Figure, at_most
from last_good_world import Killed

KILLS = 200


def soak(seconds, _connections, where):
    where.mkdir(parents=True, exist_ok=True)
    killed = Killed(where, random.Random(time.time_ns()))
    begun = time.monotonic()
    while killed.rounds < KILLS and time.monotonic() < begun + seconds:
        killed.kill()
    killed.world.origin.listener.close()
    yield "kills", [
        Figure("kills", f"{killed.rounds} in {time.monotonic() - begun:.0f} s"),
        at_most("starts without what was kept", killed.lost, 0),
        at_most("until the slowest start was ready", killed.slowest, 2, " s"),
    ]
