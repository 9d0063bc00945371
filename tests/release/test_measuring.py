# SPDX-License-Identifier: Apache-2.0
"""What measures still works; what it finds is for docs/bench.md and not judged here."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_bench_change_edits_every_layout_and_sees_the_answers():
    ran = subprocess.run([ROOT / "bench/change", "--smoke", "--no-peers"], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for layout in ("L1", "L2", "L3"):
        assert re.search(rf"^{layout}: \d+ routes", ran.stdout, re.MULTILINE), ran.stdout
    assert len(re.findall(r"\| sallyport \| all \(8\) +\|", ran.stdout)) == 3, ran.stdout
