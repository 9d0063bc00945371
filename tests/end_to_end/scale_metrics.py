# SPDX-License-Identifier: Apache-2.0
"""The numbers of /metrics, and waiting for one."""
import re
import time

from raw_client import DEADLINE, once, request

LINE = re.compile(r"^([a-z_]+)(\{[^}]*\})? (\S+)$", re.MULTILINE)


def metrics(gateway):
    """{name: sum over all its labels}"""
    sums = {}
    response = once(gateway.health, request("GET", "localhost", "/metrics"))
    assert response.status == 200, response.raw
    for name, _, value in LINE.findall(response.body.decode()):
        sums[name] = sums.get(name, 0) + float(value)
    return sums


def await_metric(gateway, name, wanted):
    """Asks until the metric is that number."""
    deadline = time.monotonic() + DEADLINE
    while (value := metrics(gateway).get(name)) != wanted:
        assert time.monotonic() < deadline, f"{name} is still {value}, not {wanted}; the gateway said:\n{gateway.errors.text()}"


def await_snapshots(gateway, count):
    """Until so many snapshots are alive: the one in force, and those that requests began on."""
    await_metric(gateway, "sallyport_snapshots_alive", count)
