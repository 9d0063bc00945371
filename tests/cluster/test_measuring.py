# SPDX-License-Identifier: Apache-2.0
"""What measures with a cluster still works; what it finds is for docs/bench.md and not judged here."""
import os
import re
import subprocess

from enclosure import MARK
from programs import ROOT
from raw_client import DEADLINE


def test_bench_cluster_measures_all_of_its_parts():
    outside = {name: value for name, value in os.environ.items() if name != MARK}  # it has an enclosure of its own
    done = subprocess.run([ROOT / "bench/cluster", "--smoke"], capture_output=True, text=True, timeout=15 * DEADLINE, env=outside)
    assert done.returncode == 0, done.stdout + done.stderr
    _, _, bars = done.stdout.partition("\nbars, of a smoke run")
    assert len(re.findall(r"^\| .* \| not judged +\|$", bars, re.MULTILINE)) == 7, done.stdout
