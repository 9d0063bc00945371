# SPDX-License-Identifier: Apache-2.0
"""examples/grpc in the demo, with its server, and every command of its page as it stands there."""
import subprocess
import sys

import pytest
from conftest import ROOT
from pasting import commands, pasted, said

COMMANDS = commands("grpc")


@pytest.fixture(scope="module", autouse=True)
def example(demo):
    server = subprocess.Popen([sys.executable, ROOT / "examples/grpc/greeter.py", "serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == "serving\n"
        with pasted(demo, "grpc", "python3 examples/grpc/greeter.py hello 127.0.0.1:8080 you", "Hello, you"):
            yield
    finally:
        server.kill()
        server.wait()


def test_the_page_has_its_commands():
    assert len(COMMANDS) == 4


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block["command"])
def test_command_of_the_page(block):
    assert said(block["command"]) == block["says"]
