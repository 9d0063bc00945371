# SPDX-License-Identifier: Apache-2.0
"""examples/websocket in the demo, and every command of its page as it stands there."""
import pytest
from pasting import commands, pasted, said

COMMANDS = commands("websocket")


@pytest.fixture(scope="module", autouse=True)
def example(demo):
    with pasted(demo, "websocket", "curl -s http://websocket.localhost:8080/ws", "a WebSocket is expected here"):
        yield


def test_the_page_has_its_commands():
    assert len(COMMANDS) == 2


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block["command"])
def test_command_of_the_page(block):
    assert said(block["command"]) == block["says"]
