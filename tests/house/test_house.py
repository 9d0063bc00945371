# SPDX-License-Identifier: Apache-2.0
"""check_house runs every check there is, and tools/test knows every folder of tests."""
import re
import subprocess

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
