# SPDX-License-Identifier: Apache-2.0
"""What all differential tests share: the judges, and a gateway before a recorder."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "end_to_end"))

import pytest
from gateway import BINARY
from judges import Judges
from world import World


def pytest_report_header():
    return f"program under test: {BINARY}"


@pytest.fixture(scope="session")
def judges(tmp_path_factory):
    with Judges(tmp_path_factory.mktemp("judges")) as running:
        yield running


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Ended by the module's last test, which looks at the log; killed here when that does not come."""
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.kill()
