# SPDX-License-Identifier: Apache-2.0
"""check_house runs every check there is, and tools/test knows every folder of tests."""
import os
import re
import shutil
import subprocess

import pytest
from samples import ROOT, verdict


def test_check_house_runs_every_check():
    listed = re.search(r"CHECKS = \(([^)]*)\)", (ROOT / "tools/check_house").read_text()).group(1)
    there = {path.name.removeprefix("check_") for path in (ROOT / "tools").glob("check_*")} - {"house"}
    assert set(re.findall(r'"(\w+)"', listed)) == there


def test_check_house_fails_if_one_check_fails(tmp_path):
    code, lines = verdict(tmp_path, "check_house", {"src/net/bad.hpp": "int m_x;\n"})
    assert code == 1
    assert any(line.startswith("check_names: FAILED") for line in lines)
    assert any(line.startswith("check_size: ok") for line in lines)


def test_an_unknown_suite_is_refused():
    done = subprocess.run([ROOT / "tools/test", "nothing"], capture_output=True, text=True)
    assert done.returncode == 2 and "no suite nothing" in done.stderr


def test_every_command_of_the_shop_says_what_comes_back():
    page = (ROOT / "examples/shop/README.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 8
    for block in blocks:
        assert re.match(r"# \d{3}( from \w+( or \w+)*)?\ncurl -i ", block), block


@pytest.fixture
def suites(tmp_path):
    """Runs the tools/test of this tree in one where checks and builds end as told, and tests/house has one test that passes."""

    def run(*names, check=0, build=0, **environment):
        (tmp_path / "tools").mkdir(exist_ok=True)
        (tmp_path / "tests/house").mkdir(parents=True, exist_ok=True)
        for name, code in {"install": 0, "check_house": check, "build": build}.items():
            (tmp_path / "tools" / name).write_text(f"#!/bin/sh\nexit {code}\n")
            (tmp_path / "tools" / name).chmod(0o755)
        shutil.copy(ROOT / "tools/test", tmp_path / "tools/test")
        (tmp_path / "tests/house/test_one.py").write_text("def test_one():\n    pass\n")
        done = subprocess.run([tmp_path / "tools/test", *names], env=os.environ | {"KEEP_GOING": ""} | environment,
                              capture_output=True, text=True, timeout=60)
        return done.returncode, [" ".join(line.split()[:-1]) for line in done.stdout.splitlines()]

    return run


def test_the_minutes_of_each_suite_and_the_count_of_tests_close_a_run(suites):
    code, lines = suites("house", "gcc")
    assert code == 0
    assert lines[-6:] == ["suite verdict", "house ok", "gcc ok", "all ok", "", "1 passed in"]


def test_a_suite_that_fails_is_the_last(suites):
    code, lines = suites("gcc", "house", build=1)
    assert code == 1
    assert lines[-6:] == ["suite verdict", "gcc FAILED", "house not", "all FAILED", "", "1 failed, 0 passed in"]


def test_other_suites_run_behind_one_that_fails_if_asked_to(suites):
    code, lines = suites("gcc", "house", build=1, KEEP_GOING="1")
    assert code == 1
    assert lines[-6:] == ["suite verdict", "gcc FAILED", "house ok", "all FAILED", "", "1 failed, 1 passed in"]
