# SPDX-License-Identifier: Apache-2.0
"""The chart as the tests of deploy/ render it."""
import sys

from programs import ROOT

sys.path.append(str(ROOT / "tests/deploy"))
from chart import Chart  # noqa: E402, F401
