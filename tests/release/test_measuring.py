# SPDX-License-Identifier: Apache-2.0
"""What measures still works; what it finds is for docs/bench.md and not judged here."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def ran(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_bench_change_edits_every_layout_and_sees_the_answers():
    said = ran(ROOT / "bench/change", "--smoke", "--no-peers")
    for layout in ("L1", "L2", "L3"):
        assert re.search(rf"^{layout}: \d+ routes", said, re.MULTILINE), said
    assert len(re.findall(r"\| sallyport \| all \(8\) +\|", said)) == 3, said


def test_bench_run_measures_everything_of_every_candidate(tmp_path):
    candidates = ["relay", "sallyport", "sallyport-log", "haproxy", "nginx", *(peer for peer in ("nghttpx", "h2o") if shutil.which(peer))]
    said = ran(ROOT / "bench/run", "--smoke", "--json", tmp_path / "found", "--candidates", *candidates)
    found = json.loads((tmp_path / "found").read_text())
    served = set(candidates) - {"sallyport-log"}
    assert set(found["costs"]) == {"short", "browser", "many", "few", "fresh", "down", "up", "1 GiB down", "1 GiB up"}
    for load, costs in found["costs"].items():
        assert set(costs) == (set(candidates) if load == "short" else served), load
        assert all(len(values) == 1 and values[0] > 0 for values in costs.values()), (load, costs)
    assert all(set(growth) == served for growth in found["growth"].values()) and len(found["growth"]) == 4
    assert set(found["p99"]) == served and found["p99"]["haproxy"] == [1.0]
    assert set(found["idle"]) == served - {"relay"} and all(0 < held < 65536 for held in found["idle"].values())
    assert len(re.findall(r"^\| (?:parse|write|host|path|find|access log line)\b.*(?:\| \d+\.\d +){2}\|$", said, re.MULTILINE)) == 12, said
    _, _, bars = said.partition("\nbars, of a smoke run")
    assert len(re.findall(r"^\| .* \| not judged +\|$", bars, re.MULTILINE)) == 17, said
    assert not re.search(r"\| (?:met|MISSED)", said), said


def test_held_bytes_counts_what_a_program_holds_and_gives_back(tmp_path):
    counted = """\
import os, struct, sys
def held():
    return struct.unpack("qq", open(f"{os.environ['HELD_BYTES']}.{os.getpid()}", "rb").read())[0]
before = held()
kept = bytearray(1_000_000)
during = held()
del kept
print(during - before, held() - before)
"""
    ran(ROOT / "tools/build", "release", "held_bytes")
    preloaded = os.environ | {"LD_PRELOAD": str(ROOT / "build/release/bench/libheld_bytes.so"), "HELD_BYTES": str(tmp_path / "held")}
    grown, left = map(int, ran(sys.executable, "-c", counted, env=preloaded).split())
    assert 1_000_000 <= grown < 1_100_000
    assert left < 100_000
