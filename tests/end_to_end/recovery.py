# SPDX-License-Identifier: Apache-2.0
"""What is asked of a gateway in trouble: whatever it answers is bounded, and soon after the trouble ends it serves again."""
import contextlib
import time

from raw_client import Client, request

# From the end of a fault to normal service; a requirement, hence not scaled with the deadline of other waits.
SOON = 5.0


def attempt(address, data, seconds, source=None):
    """The status of the answer; None when the connection failed, ended without one, or said nothing for so long."""
    with contextlib.suppress(AssertionError, OSError), Client(address, source=source) as client:
        client.socket.settimeout(max(0.01, seconds))
        return client.ask(data).status
    return None


def serves_again(address, host="web.test", path="/", since=None, source=None):
    """Blocks until a client is answered with 200, at most SOON after `since`; gives the seconds that it took."""
    begun = time.monotonic() if since is None else since
    seen = []
    while begun + SOON - time.monotonic() > 0:
        seen += statuses(address, request("GET", host, path), begun + SOON, source)
        if 200 in seen:
            return time.monotonic() - begun
    raise AssertionError(f"{host}{path} is not served {SOON} s after the fault: {seen[:5]} … {seen[-5:]} of {len(seen)} answers")


def statuses(address, data, end, source):
    """Of a new client's requests, up to the first that succeeds or finds the connection ended, or to the end of the time."""
    seen = []
    with contextlib.suppress(AssertionError, OSError), Client(address, source=source) as client:
        while (left := end - time.monotonic()) > 0:
            client.socket.settimeout(left)
            response = client.ask(data)
            seen.append(response.status)
            if response.status == 200 or response.closes:
                break
    return seen


def health_answers(gateway, path="/livez"):
    return attempt(gateway.health, request("GET", "localhost", path), SOON) == 200
