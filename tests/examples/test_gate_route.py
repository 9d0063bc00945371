# SPDX-License-Identifier: Apache-2.0
"""examples/gate-route pasted into the copy that the demo serves, and every command of its page as it stands there."""
import json
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import ROOT
from test_shop import BLOCK, answer

EXAMPLE = ROOT / "examples/gate-route"
COMMANDS = list(BLOCK.finditer((EXAMPLE / "README.md").read_text()))


@pytest.fixture(scope="module")
def pasted(demo):
    copy = pathlib.Path(re.search(r"^Sallyport serves (\S+) on ", demo, re.MULTILINE).group(1))
    files = [copy / file.name for file in sorted(EXAMPLE.glob("*.yaml"))]
    assert not [file for file in files if file.exists()], "the paste would replace files of the shop"
    for file in files:
        shutil.copyfile(EXAMPLE / file.name, file)
    # The paste is adopted within moments, perhaps file by file; asking again is how a user sees it.
    last = "curl -i http://gate.localhost:8080/item/1"
    first = "curl -i http://gate.localhost:8080/"
    assert any(answer(last)[0] == 200 and answer(first)[0] == 200 for _ in range(500))
    yield
    for file in files:
        file.unlink()


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block["command"].strip())
def test_command_of_the_page(pasted, block):
    status, body = answer(block["command"])
    assert status == int(block["status"])
    assert json.loads(body)["service"] in block["who"].split(" or ")


def test_the_shares_are_three_to_one(pasted):
    services = [json.loads(answer("curl -i http://gate.localhost:8080/shares")[1])["service"] for _ in range(200)]
    assert set(services) == {"storefront", "cart"}
    # 150 are expected, with a deviation of six.
    assert 110 < services.count("storefront") < 190


def test_the_header_changes_are_made(pasted):
    done = subprocess.run(["curl", "-si", "http://gate.localhost:8080/api?version=2"], capture_output=True, text=True, timeout=30)
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    assert "X-Served-By: version-2" in head.split("\n")
    assert json.loads(body)["headers"]["X-Api-Version"] == ["2"]
