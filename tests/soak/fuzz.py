# SPDX-License-Identifier: Apache-2.0
"""Every fuzz target for a long time; what it found is kept in build/fuzz (tools/fuzz)."""
import pathlib
import subprocess

from figure import at_most

ROOT = pathlib.Path(__file__).resolve().parents[2]


def soak(seconds, _connections, _where):
    targets = sorted(file.name.removesuffix("_fuzz.cpp") for file in (ROOT / "tests/fuzz").glob("*_fuzz.cpp"))
    for target in targets:
        ran = subprocess.run([ROOT / "tools/fuzz", str(seconds), target])
        yield target, [at_most(f"findings in {seconds} s", int(ran.returncode != 0), 0)]
