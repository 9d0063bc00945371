# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests stand on is found beside them."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
