# SPDX-License-Identifier: Apache-2.0
"""A thousand rotations of a certificate, a tenth of them broken, with 500 handshakes a second all the while (R14)."""
import time

from figure import Figure, at_least, at_most
from rotation import Rotation

ROTATIONS, RATE = 1000, 500


def soak(seconds, _connections, where):
    where.mkdir(parents=True, exist_ok=True)
    with Rotation(where, RATE) as rotation:
        begun = time.monotonic()
        rotation.rotate(ROTATIONS, until=begun + seconds)
        took = time.monotonic() - begun
        report = rotation.handshaker.report()
    for failure in report["failures"][:20]:
        print(f"rotation: {failure}", flush=True)
    yield "rotation", [
        Figure("rotations", f"{rotation.rotations} in {took:.0f} s"),
        at_least("handshakes beside them", report["handshakes"], 1),
        at_most("handshakes that failed", len(report["failures"]), 0),
        at_most("until the slowest new pair was shown", rotation.longest, 1, " s"),
    ]
