# SPDX-License-Identifier: Apache-2.0
"""The chart, what judges manifests, and what these tests use of the end-to-end tests."""
import sys

import pytest
from chart import Chart
from tree import ROOT, run

sys.path.insert(0, str(ROOT / "tests/end_to_end"))


@pytest.fixture(scope="session")
def chart():
    return Chart()


@pytest.fixture(scope="session")
def strict():
    """strict(text): what the API server's own decoder says of manifests, a line each; a field it does not know fails."""
    program = run(ROOT / "tools/go_program", ROOT / "tests/deploy", "strict", "./strict").strip()
    return lambda text: run(program, input=text).splitlines()
