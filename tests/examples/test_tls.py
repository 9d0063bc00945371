# SPDX-License-Identifier: Apache-2.0
"""Every command of examples/tls/README.md as it stands there, one after the other, with its folder pasted into the demo's copy."""
import json
import os
import pathlib
import re
import subprocess

import pytest
from conftest import ROOT

EXAMPLE = ROOT / "examples/tls"
BLOCK = re.compile(r"^```sh\n# (?P<told>[^\n]*)\n(?P<command>.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = list(BLOCK.finditer((EXAMPLE / "README.md").read_text()))
SETUP = [block for block in BLOCKS if block["told"].startswith("makes ")]
TRIES = [block for block in BLOCKS if not block["told"].startswith("makes ")]


def run(command, where, **more):
    return subprocess.run(["bash", "-c", command], cwd=where, capture_output=True, text=True, timeout=60, env=os.environ | more)


@pytest.fixture(scope="module")
def pasted(demo, tmp_path_factory):
    """A directory with what the page makes, and the demo serving it."""
    copy = pathlib.Path(re.search(r"^Sallyport serves (\S+) on ", demo, re.MULTILINE).group(1))
    before, where = set(copy.iterdir()), tmp_path_factory.mktemp("tls")
    for block in SETUP:
        done = run(block["command"], where, COPY=str(copy), TREE=str(ROOT))
        made = block["told"].removeprefix("makes ").replace("$COPY", str(copy))
        assert done.returncode == 0 and (where / made).exists(), done.stderr
    # The paste is adopted within moments, perhaps file by file; asking again is how a user sees it.
    last = "curl -i --cacert tls.crt --cert anna.crt --key anna.key https://staff.secure.localhost:8443/"
    assert any(run(last, where).returncode == 0 for _ in range(500))
    yield where
    for file in set(copy.iterdir()) - before:
        file.unlink()


@pytest.mark.parametrize("block", TRIES, ids=lambda block: block["command"].strip())
def test_command_of_the_page(pasted, block):
    done = run(block["command"], pasted)
    if block["told"] == "fails":
        assert done.returncode != 0
        return
    assert done.returncode == 0, done.stderr
    if block["told"].startswith("prints "):
        assert done.stdout.strip() == block["told"].removeprefix("prints ")
        return
    head, _, body = done.stdout.replace("\r\n", "\n").partition("\n\n")
    status, _, service = block["told"].partition(" from ")
    assert head.split()[1] == status
    if service:
        assert json.loads(body)["service"] == service
    if status == "308":
        assert re.search(r"^location: https://secure\.localhost(:\d+)?/somewhere\?a=b$", head, re.MULTILINE | re.IGNORECASE)
