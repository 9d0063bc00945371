# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow on purpose: their deadlines cut them, all of them, and one that behaves well is served all
the while. How long it waits is judged by `make soak`.
"""
import pytest
from good_client import GoodClient
from slow_attack import KINDS, OUTCOMES, Attacked, attack

ATTACKERS = 150
SHORT = [f"--limit={name}=1000" for name in ("head-time", "body-grace", "write-stall", "linger-time")]


@pytest.mark.threaded
@pytest.mark.parametrize("kind", KINDS)
def test_attackers_are_cut_and_others_are_served(tmp_path, kind):
    with Attacked(tmp_path, *SHORT) as attacked:
        with GoodClient(attacked.gateway.address, "web.test") as good:
            assert good.report()["answered"] > 0
            # It says so when the other side has closed them all; a minute is far beyond every deadline.
            assert attack(attacked.gateway.url(""), kind, ATTACKERS, longest=60) == "No open connections left"
            report = good.report()
        assert report["answered"] > 10 and not report["failures"]
        attacked.wait_until_idle()
    # Beside the attackers slowhttptest has connections that look whether the server still answers.
    cut = [line for line in attacked.lines_of("127.0.0.1") if line.get("error") in OUTCOMES[kind]]
    assert len(cut) >= ATTACKERS
    good = [line for line in attacked.lines_of("127.0.0.9")]
    assert good and all(line["status"] == 200 and "error" not in line for line in good)
