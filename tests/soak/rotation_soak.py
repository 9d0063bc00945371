# SPDX-License-Identifier: Apache-2.0
"""A thousand rotations of a certificate, a tenth of them broken, with 500 handshakes a second all the while (R14)."""
import time

from figure import at_least, at_most
from rotation import Rotation

ROTATIONS, RATE, PROCESSES = 1000, 500, 3
KEPT_UP = 0.8  # of the rate, by processes that share two processors with the gateway


def soak(seconds, _connections, where):
    """A shorter one than by itself has so many fewer rotations."""
    where.mkdir(parents=True, exist_ok=True)
    with Rotation(where, RATE, PROCESSES) as rotation:
        yield "rotation", rotated(rotation, seconds)


def rotated(rotation, seconds):
    wanted = min(ROTATIONS, int(ROTATIONS * seconds / 600))
    begun = time.monotonic()
    rotation.rotate(wanted, until=begun + seconds)
    while time.monotonic() < begun + 10:  # what takes no time has no rate
        rotation.rotate(10)
    took = time.monotonic() - begun
    reports = rotation.reports()
    failures = [failure for report in reports for failure in report["failures"]]
    for failure in failures[:20]:
        print(f"rotation: {failure}", flush=True)
    return [
        at_least(f"rotations, in {took:.0f} s", rotation.rotations, wanted),
        at_least("handshakes beside them", sum(report["handshakes"] for report in reports), int(KEPT_UP * RATE * took)),
        at_most("handshakes that failed", len(failures), 0),
        at_most("until the slowest new pair was shown", rotation.longest, 1, " s"),
    ]
