# SPDX-License-Identifier: Apache-2.0
"""The program that notes its accesses, build/tsan/sallyport_accesses, with what other tests start it by and ask it."""
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ["SALLYPORT"] = str(ROOT / "build/tsan/sallyport_accesses")
sys.path += [str(ROOT / "tests/end_to_end"), str(ROOT / "tests/release")]
