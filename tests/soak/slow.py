# SPDX-License-Identifier: Apache-2.0
"""Thousands of clients that are slow on purpose, again and again, beside one that behaves well: no request of
its own fails, and they take no more than twice as long, nearly all of them, as before the attack.

The gateway has the limits that it is shipped with. One round is slowhttptest with all its connections until the gateway has
closed the last of them; rounds follow each other until the time is over.
"""
import contextlib
import math
import os
import threading
import time

from figure import Figure, at_least, at_most
from good_client import GoodClient
from processors import HERE
from slow_attack import KINDS, OUTCOMES, Attacked, attack

LONGEST_ROUND = 180  # seconds; every deadline of the gateway is shorter
RATE = 100


def percentile(latencies, share):
    """Without a single answer it is infinite, so that no bar is kept."""
    if not latencies:
        return math.inf
    ordered = sorted(latencies)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def kernel_memory():
    """MiB that the kernel holds for all TCP sockets."""
    with open("/proc/net/sockstat", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("TCP:")).split()
    return int(line[line.index("mem") + 1]) * 4096 / 2**20


def quiet_period(good, seconds):
    """What the good client sees before anybody attacks."""
    good.report()
    end = time.monotonic() + seconds
    latencies, failures = [], []
    while time.monotonic() < end:
        report = good.report(pause=min(5, seconds))
        latencies += report["latencies"]
        failures += report["failures"]
    return latencies, failures


def attack_once(*how, **more):
    """Why it ended, and how much memory the kernel held for sockets meanwhile, at most."""
    endings, most = [], 0
    thread = threading.Thread(target=lambda: endings.append(attack(*how, **more)))
    thread.start()
    while thread.is_alive():
        most = max(most, kernel_memory())
        thread.join(1)
    return (endings or ["it failed"])[0], most


@contextlib.contextmanager
def before_all_others():
    """What is measured is how the gateway serves, not who gets the processor: it, its origin and the good client have processors that
    no attacker has, and go before whatever else runs here. As root; others get no more than nice attackers."""
    policy, processors = os.sched_getscheduler(0), os.sched_getaffinity(0)
    os.sched_setaffinity(0, HERE)
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(2))
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, os.sched_param(0))
        os.sched_setaffinity(0, processors)


def go_behind_its_peers(gateway):
    """A gateway that is busy without a pause keeps its origin and the good client from the processor no more than another machine."""
    for thread in os.listdir(f"/proc/{gateway.pid}/task"):
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(int(thread), os.SCHED_RR, os.sched_param(1))


def soak_kind(kind, seconds, connections, where):
    where.mkdir(parents=True, exist_ok=True)
    with before_all_others(), Attacked(where) as attacked:
        go_behind_its_peers(attacked.gateway)
        with GoodClient(attacked.gateway.address, "web.test", RATE) as good:
            calm, failures = quiet_period(good, max(5, seconds / 5))
            endings, memory, end = [], 0, time.monotonic() + seconds
            while time.monotonic() < end:
                ending, most = attack_once(attacked.gateway.url(""), kind, connections, LONGEST_ROUND, rate=1000)
                endings.append(ending)
                memory = max(memory, most)
            report = good.report()
        attacked.wait_until_idle()
    failures += report["failures"]
    cut = sum(line.get("error") in OUTCOMES[kind] for line in attacked.lines_of("127.0.0.1"))
    calm_p99, p99 = (percentile(latencies, 0.99) * 1000 for latencies in (calm, report["latencies"]))
    for failure in failures[:20]:
        print(f"{kind}: {failure}", flush=True)
    return [
        at_most("failed good requests", len(failures), 0),
        at_least("good requests beside the attack", report["answered"], RATE * seconds / 2),
        Figure("p99 before the attack", f"{calm_p99:.2f} ms", kept=math.isfinite(calm_p99)),
        at_most("p99 beside the attack", p99, 2 * calm_p99, " ms"),
        at_most("rounds that were not ended by the gateway", sum(ending != "No open connections left" for ending in endings), 0),
        at_least(f"attackers cut, in {len(endings)} rounds of {connections}", cut, len(endings) * connections),
        Figure("memory of the kernel for sockets", f"{memory:.0f} MiB"),
    ]


def soak(seconds, connections, where):
    """(kind, its figures), one after the other."""
    for kind in KINDS:
        yield kind, soak_kind(kind, seconds, connections, where / kind)
