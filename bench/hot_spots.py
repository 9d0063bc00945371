# SPDX-License-Identifier: Apache-2.0
"""Where a program spends its time: perf's samples, by function.

The event is the kernel's cpu-clock, for a virtual machine often has no hardware counters.
"""
import contextlib
import os
import re
import select
import subprocess

import figures

RATE = "1999"  # samples a second; no divisor of the kernel's own tick
READY = 10.0  # seconds until perf must be ready
WIDTH = 96


@contextlib.contextmanager
def recording(pid, file):
    """Samples the process while the block runs; gives a list that names the problem if there is one."""
    command_in, command = os.pipe()
    answer, answer_out = os.pipe()
    perf = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", RATE, "-p", str(pid), "-o", file, "-D", "-1",
                             f"--control=fd:{command_in},{answer_out}"], pass_fds=(command_in, answer_out),
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    os.close(command_in)
    os.close(answer_out)
    problem = []
    try:
        with contextlib.suppress(BrokenPipeError):  # it has ended already
            os.write(command, b"enable\n")
        select.select([answer], [], [], READY)  # perf says when it samples, or ends
        yield problem
    finally:
        perf.terminate()
        said = perf.communicate(timeout=20)[1].strip()
        os.close(command)
        os.close(answer)
        if not file.exists() or not file.stat().st_size:
            problem.append(said or "perf record wrote nothing")


def samples(file):
    """[(percent, where, function)], most first; where is kernel, or the file the function is in."""
    done = subprocess.run(["perf", "report", "-i", file, "--stdio", "-q", "--no-children", "--sort", "dso,symbol", "-t", "\t"],
                          capture_output=True, text=True, timeout=60, check=False)
    found = []
    for line in done.stdout.splitlines():
        match = re.match(r"\s*([\d.]+)%\s*\t(.*?)\s*\t\[(.)\]\s+(.*?)\s*(\t|$)", line)
        if match:
            found.append((float(match[1]), "kernel" if match[3] == "k" else match[2], plain(match[4])))
    return found


def plain(function):
    """A C++ name without parameters and template arguments, which is long enough still."""
    name = function.replace("(anonymous namespace)::", "")
    while name != (shorter := re.sub(r"\([^()]*\)|<[^<>]*>", "", name)):
        name = shorter
    return name if len(name) <= WIDTH else name[: WIDTH - 3] + "..."


def tables(found, program):
    """The top ten of all, the top ten outside the kernel, and what share the kernel has."""
    user = [row for row in found if row[1] != "kernel"]
    shares = {}
    for percent, where, _ in found:
        shares[where] = shares.get(where, 0.0) + percent
    told = ", ".join(f"{where} {share:.1f} %" for where, share in sorted(shares.items(), key=lambda item: -item[1]) if share >= 0.5)
    lines = [f"{program}, shares of its CPU time: {told}", ""]
    for title, rows in (("of all", found), ("outside the kernel", user)):
        lines += figures.table([("share", "where", f"top ten {title}"),
                                *((f"{percent:.1f} %", where, name) for percent, where, name in rows[:10])])
        lines.append("")
    return lines
