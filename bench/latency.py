# SPDX-License-Identifier: Apache-2.0
"""How long answers take at fixed rates, which are shares of the most that HAProxy can do here."""
import statistics

import costs
import figures
import loads
import machine

SHARES = (0.3, 0.7)
ROUNDS = 7
SECONDS = 1.0
QUANTILES = {0.5: "p50", 0.9: "p90", 0.99: "p99", 0.999: "p99.9", 1.0: "longest"}


def measure_rate(stand, names, rate, rounds, seconds):
    """{candidate: {quantile: [us, one a round]}}"""
    found = {name: {quantile: [] for quantile in QUANTILES} for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            child = stand.candidate(name)
            _, latencies = stand.load.send_at(loads.SHORT, child.port, seconds, rate)
            child.check()
            for quantile, value in latencies.items():
                found[name][quantile].append(value)
    return found


def measure(stand, names, smoke):
    """{candidate: [p99 / HAProxy's, one a round]} at the highest rate."""
    rounds, seconds = (1, 0.05) if smoke else (ROUNDS, SECONDS)
    names = names if "haproxy" in names else [*names, "haproxy"]
    for name in names:
        costs.measure_slice(stand, name, loads.SHORT, seconds / 4)
    peak = statistics.median(costs.measure_slice(stand, "haproxy", loads.SHORT, seconds / 2)[1] for _ in range(3))
    for share in SHARES:
        rate = int(share * peak)
        print(f"\nlatency at {rate} requests a second, {100 * share:.0f} % of haproxy's peak, {loads.SHORT.connections} connections, "
              f"{rounds} rounds of {seconds:g} s; us\n")
        others = stand.others()
        found = measure_rate(stand, names, rate, rounds, seconds)
        rows = [("candidate", *QUANTILES.values(), "p99 x haproxy")]
        ratios = {name: figures.ratios(values[0.99], found["haproxy"][0.99]) for name, values in found.items()}
        for name, values in found.items():
            rows.append((name, *(f"{statistics.median(values[quantile]):.0f}" for quantile in QUANTILES), figures.spread(ratios[name], 2)))
        print("\n".join(figures.table(rows)))
        print(machine.busy_note(others.share()))
    for name in names:
        stand.load.close(loads.SHORT, stand.candidate(name).port)
    return ratios
