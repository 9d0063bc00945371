# SPDX-License-Identifier: Apache-2.0
"""Commands of the pages: a block of ```sh under the line <!-- test: shop --> is run line by line with the demo up."""
import re
import subprocess

import pytest
from conftest import ROOT

MARK = re.compile(r"^<!-- test: (?P<what>.*?) -->\n(?:```sh\n(?P<commands>.*?)^```$)?", re.MULTILINE | re.DOTALL)
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
BLOCKS = [(page.relative_to(ROOT), block) for page in PAGES for block in MARK.finditer(page.read_text(encoding="utf-8"))]
COMMANDS = [pytest.param(line, id=f"{page}: {line}") for page, block in BLOCKS for line in (block["commands"] or "").splitlines() if line.strip()]


def test_every_mark_names_the_shop_and_stands_over_commands():
    assert [page for page, _ in BLOCKS if str(page) == "README.md"]
    assert not [(page, block[0]) for page, block in BLOCKS if block["what"] != "shop" or not (block["commands"] or "").strip()]


@pytest.mark.parametrize("command", COMMANDS)
def test_command_of_a_page(demo, command):
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
