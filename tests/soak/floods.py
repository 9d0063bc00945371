# SPDX-License-Identifier: Apache-2.0
"""Floods of HTTP/2 again and again beside a client that behaves well: each of the attacker's connections is cut, no request of the
good one fails, nearly all of them take no more than twice as long as before, and the gateway's memory comes back (S17).

The gateway has the limits that it is shipped with. One round is one connection that is cut.
"""
import math
import pathlib
import time

from figure import Figure, at_least, at_most
from good_client import GoodClient
from h2_attacker import Attacker
from h2_floods import FLOODS
from raw_client import DEADLINE, Client
from scale_metrics import metrics
from slow import before_all_others, go_behind_its_peers, percentile, quiet_period
from slow_attack import Attacked

RATE = 100


def resident(gateway):
    return int(pathlib.Path(f"/proc/{gateway.pid}/statm").read_text().split()[1]) * 4096 / 2**20


def fill_the_log(attacked):
    """A worker keeps room of 1 MiB for lines of the access log, which becomes memory as they come; and the page of metrics, which is
    asked for at the end, has some of its own."""
    end = time.monotonic() + DEADLINE
    while attacked.log.stat().st_size < 4 * 2**20 or metrics(attacked.gateway)["sallyport_connection_buffer_bytes"]:
        assert time.monotonic() < end, "the log does not grow, or buffers are held"
        with Client(attacked.gateway.address) as client:
            for _ in range(50):
                client.get("web.test", "/" + "x" * 4000)


def attack_for(attacked, flood, seconds):
    """(connections that were cut, the longest of them in seconds, the most memory meanwhile in MiB, what went wrong)"""
    cuts, longest, most, fault, end = 0, 0.0, 0.0, None, time.monotonic() + seconds
    with Attacker(attacked.gateway.address, "web.test", flood) as attacker:
        while time.monotonic() < end:
            try:
                said = attacker.cut()
            except AssertionError as failure:
                fault = str(failure)
                break
            cuts, longest, most = cuts + 1, max(longest, said["seconds"]), max(most, resident(attacked.gateway))
    return cuts, longest, most, fault


def soak_flood(flood, seconds, where):
    where.mkdir(parents=True, exist_ok=True)
    with before_all_others(), Attacked(where) as attacked:
        go_behind_its_peers(attacked.gateway)
        with GoodClient(attacked.gateway.address, "web.test", RATE) as good:
            calm, failures = quiet_period(good, max(5, seconds / 5))
            # What is allocated once, for as many streams as any connection may have.
            _, _, _, early_fault = attack_for(attacked, flood, max(5, seconds / 10))
            fill_the_log(attacked)
            before = resident(attacked.gateway)
            good.report()
            cuts, longest, most, fault = attack_for(attacked, flood, seconds)
            fault = early_fault or fault
            report = good.report()
        attacked.wait_until_idle()
        after = resident(attacked.gateway)
    failures += report["failures"]
    calm_p99, p99 = (percentile(latencies, 0.99) * 1000 for latencies in (calm, report["latencies"]))
    for failure in [*failures[:20], *([fault] if fault else [])]:
        print(f"{flood}: {failure}", flush=True)
    return [
        at_most("failed good requests", len(failures), 0),
        at_least("good requests beside the attack", report["answered"], RATE * seconds / 2),
        Figure("p99 before the attack", f"{calm_p99:.2f} ms", kept=math.isfinite(calm_p99)),
        at_most("p99 beside the attack", p99, 2 * calm_p99, " ms"),
        at_most("connections that were not cut", int(fault is not None), 0),
        at_least("connections that were cut", cuts, 1),
        Figure("the longest of them", f"{longest:.2f} s"),
        at_most("memory that one connection adds", most - before, 2, " MiB"),
        at_most("memory that stays, of what was before", after / before, 1.05),
    ]


def soak(seconds, _connections, where):
    """(flood, its figures), one after the other."""
    for flood in FLOODS:
        yield flood, soak_flood(flood, seconds, where / flood.replace(" ", "-").replace(",", ""))
