# SPDX-License-Identifier: Apache-2.0
"""Every command of examples/shop/README.md as it stands there, and the edit that tools/run prints."""
import json
import re
import subprocess

import pytest
from conftest import ROOT

BLOCK = re.compile(r"```sh\n# (?P<status>\d{3})(?: from (?P<who>[\w ]+))?\n(?P<command>.*?)```", re.DOTALL)
COMMANDS = list(BLOCK.finditer((ROOT / "examples/shop/README.md").read_text()))


def answer(command):
    """(status, body) of a `curl -i` as written."""
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    return int(head.split()[1]), body


def service(command):
    status, body = answer(command)
    assert status == 200
    return json.loads(body)["service"]


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block["command"].strip())
def test_command_of_the_page(demo, block):
    status, body = answer(block["command"])
    assert status == int(block["status"])
    if block["who"]:
        assert json.loads(body)["service"] in block["who"].split(" or ")


def test_the_api_is_answered_by_both_of_its_endpoints(demo):
    (block,) = [block for block in COMMANDS if " or " in (block["who"] or "")]
    assert {service(block["command"]) for _ in range(16)} == set(block["who"].split(" or "))


def test_the_printed_edit_is_seen_live(demo):
    before, edit, after = (line.strip() for line in demo[demo.index("Change it while it runs"):].splitlines()[1:4])
    assert service(before.replace("curl -s", "curl -i")) == "storefront"
    subprocess.run(["bash", "-c", edit], check=True)
    # The change is adopted within moments; asking again is how a user sees it, and 500 answers are far more than it takes.
    assert any(service(after.replace("curl -s", "curl -i")) == "cart" for _ in range(500))
