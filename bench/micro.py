# SPDX-License-Identifier: Apache-2.0
"""bench/micro, which measures parts of the program alone, on the candidates' CPU."""
import os
import subprocess

import figures
import loads
from processes import Broken

ROUNDS = 31


def measure(stand, smoke):
    rounds = 1 if smoke else ROUNDS
    print(f"\nparts alone in a hot loop, {rounds} rounds of at least 3 ms\n")
    files = []
    for name, load in (("short", loads.SHORT), ("browser", loads.BROWSER_HEAD)):
        files.append(stand.folder / f"head-{name}")
        files[-1].write_bytes(load.head())
    done = subprocess.run([stand.programs["micro"], str(rounds), *files], capture_output=True, text=True, check=False, timeout=300,
                          preexec_fn=lambda: os.sched_setaffinity(0, {stand.cpu}))
    if done.returncode != 0:
        raise Broken(f"micro ended with {done.returncode}: {done.stderr.strip()}")
    print("\n".join(figures.table([("part", "ns", "least ns"), *(line.split("\t") for line in done.stdout.splitlines())])))
