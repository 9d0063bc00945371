# SPDX-License-Identifier: Apache-2.0
"""What the figures were measured on, and how much of it others used meanwhile."""
import os
import pathlib
import platform
import re
import resource
import time

QUIET = 0.15  # of one CPU: what others may use before the figures are marked


def description():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f"{model[1] if model else platform.machine()}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}"


def two_cpus():
    """(that of origin and load, that of the candidates)"""
    cpus = sorted(os.sched_getaffinity(0))[:2]
    return cpus[0], cpus[-1]


def load_average():
    return pathlib.Path("/proc/loadavg").read_text().split()[0]


def busy_note(share):
    mark = ": A BUSY MACHINE, only the ratios say anything" if share > QUIET else ""
    return f"Others used {100 * share:.0f} % of a CPU meanwhile{mark}."


class Others:
    """CPU time that neither this process nor its children used, as a share of one CPU, from now on."""

    def __init__(self, children):
        self.children = children
        self.start, self.busy, self.own = time.monotonic(), busy_seconds(), self.own_seconds()

    def own_seconds(self):
        ended = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return ended + sum(child.cpu_ns() for child in self.children) / 1e9

    def share(self):
        used = (busy_seconds() - self.busy) - (self.own_seconds() - self.own)
        return max(0.0, used / (time.monotonic() - self.start))


def busy_seconds():
    """Of all CPUs: user, nice, system, irq, softirq, steal."""
    cells = [int(word) for word in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(cells[0:3]) + sum(cells[5:8])) / os.sysconf("SC_CLK_TCK")
