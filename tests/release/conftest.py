# SPDX-License-Identifier: Apache-2.0
"""The program that users run, build/release/sallyport, with what the end-to-end tests start it by."""
import os
import pathlib
import platform
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ["SALLYPORT"] = str(ROOT / "build/release/sallyport")
sys.path.append(str(ROOT / "tests/end_to_end"))


# tests/preload/touching.cpp knows one kind of processor.
collect_ignore = [] if platform.machine() == "x86_64" else ["test_shared_lines.py"]


def preloaded(name):
    """A library of tests/preload, built."""
    built = subprocess.run([ROOT / "tools/build", "release", name], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return ROOT / f"build/release/preload/{name}.so"


@pytest.fixture(scope="session")
def counting():
    """The library that counts when it is preloaded."""
    return preloaded("counting")


@pytest.fixture(scope="session")
def touching():
    """The library that notes what threads touch when it is preloaded."""
    return preloaded("touching")
