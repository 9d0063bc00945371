# SPDX-License-Identifier: Apache-2.0
"""CPU time that a request costs each candidate, in short slices in turn."""
import os
import statistics

import figures
import machine

WARM_UP = 0.3  # seconds, of each candidate before its first slice


def measure_slice(stand, name, load, seconds):
    """(us of CPU a request, requests a second)"""
    child = stand.candidate(name)
    before = child.cpu_ns()
    requests, took = stand.load.send(load, child.port, seconds)
    used = child.cpu_ns() - before
    child.check()
    if child.access_log.exists():
        os.truncate(child.access_log, 0)
    return used / 1000 / requests, requests / took


def measure_rounds(stand, load, names, count, seconds):
    """({candidate: [us a request, one a round]}, {candidate: [requests a second]}): all in turn, each round another one first."""
    costs, rates = ({name: [] for name in names} for _ in range(2))
    for name in names:
        measure_slice(stand, name, load, min(seconds, WARM_UP))
    for number in range(count):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            cost, rate = measure_slice(stand, name, load, seconds)
            costs[name].append(cost)
            rates[name].append(rate)
    for name in names:
        stand.load.close(load, stand.candidate(name).port)
    return costs, rates


def measure(stand, load, names, count, seconds, beside, per=1.0, unit="us/request"):
    """The same, printed: ratios to the candidates `beside`, and costs times `per` in that unit."""
    for name in names:
        stand.candidate(name)
    print(f"\n{load.title} (head of {len(load.head())} bytes), {load.connections} connections, {count} rounds of {seconds:g} s\n")
    others = stand.others()
    costs, rates = measure_rounds(stand, load, names, count, seconds)
    scaled = {name: [cost * per for cost in values] for name, values in costs.items()}
    told = {name: f"{statistics.median(values):.0f}" for name, values in rates.items()}
    print("\n".join(figures.cost_table(scaled, beside, unit, {"requests/s": told})))
    print(machine.busy_note(others.share()))
    return costs
