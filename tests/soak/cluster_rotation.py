# SPDX-License-Identifier: Apache-2.0
"""The same rotations by the API server: a Secret that is replaced there, and fetched by name each time (R14)."""
import enclosed
from applied import Applied, reachable
from rotation import Rotation
from rotation_soak import PROCESSES, RATE, rotated


def soak(seconds, _connections, where):
    yield from enclosed.soak(__name__, seconds, where)


def parts(cluster, seconds, where):
    with Rotation(where, RATE, PROCESSES, Applied(cluster, "default"), reachable("127.0.0.1")) as rotation:
        yield "rotation", rotated(rotation, seconds)
