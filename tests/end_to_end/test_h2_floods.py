# SPDX-License-Identifier: Apache-2.0
"""Floods of HTTP/2: whoever floods a connection loses it, however it does so, and one that behaves well is served all the while
(S17, H2-1 to H2-5). How long the others wait is judged by `make soak`.
"""
import pytest
from good_client import GoodClient
from h2_attacker import Attacker
from h2_floods import FLOODS
from slow_attack import Attacked

SHORT = [f"--limit={name}=1000" for name in ("head-time", "body-grace", "write-stall", "linger-time")]
CUTS = 5
# No flood needs more to be seen for what it is; megabytes are what sockets have in their buffers.
MOST_SENT = 16 * 2**20


@pytest.mark.threaded
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_is_cut_and_others_are_served(tmp_path, flood):
    with Attacked(tmp_path, *SHORT) as attacked:
        with GoodClient(attacked.gateway.address, "web.test") as good:
            assert good.report()["answered"] > 0
            with Attacker(attacked.gateway.address, "web.test", flood) as attacker:
                for _ in range(CUTS):
                    assert attacker.cut()["sent"] <= MOST_SENT
                report = good.report()
        assert report["answered"] > 0 and not report["failures"]
        attacked.wait_until_idle()
