# SPDX-License-Identifier: Apache-2.0
"""Certificates are replaced while handshakes go on: none of them fails, a new pair is soon in force, and a broken one never is (R14).
`make soak` has a thousand of them.
"""
import pytest
from rotation import Rotation

ROTATIONS = 40


@pytest.mark.threaded
def test_no_handshake_fails_while_certificates_are_replaced(tmp_path):
    with Rotation(tmp_path) as rotation:
        rotation.rotate(ROTATIONS)
        [report] = rotation.reports()
    assert report["handshakes"] > 0 and not report["failures"]
    assert len(report["seen"]) > 2
