# SPDX-License-Identifier: Apache-2.0
"""The program that users run, build/release/sallyport, with what the end-to-end tests start it by."""
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ["SALLYPORT"] = str(ROOT / "build/release/sallyport")
sys.path.append(str(ROOT / "tests/end_to_end"))


@pytest.fixture(scope="session")
def counting():
    """The library that counts when it is preloaded (tests/preload)."""
    built = subprocess.run([ROOT / "tools/build", "release", "counting"], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return ROOT / "build/release/preload/counting.so"
