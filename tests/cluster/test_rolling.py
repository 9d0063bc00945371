# SPDX-License-Identifier: Apache-2.0
"""Rolling restarts of what is behind the gateway, under load: no request fails, however the old pods end (`make soak` does more)."""
import collections

import pytest
from rolling import AT_TERM, GETS, Rolling

RATE = 300
RESTARTS = 2


@pytest.mark.parametrize("at_term", AT_TERM)
def test_no_request_fails_while_pods_are_replaced(cluster, namespace, at_term):
    with Rolling(cluster, namespace, at_term, GETS, RATE) as rolling:
        before = rolling.pods()
        for _ in range(RESTARTS):
            rolling.restart()
        rolling.load.wait_for_more_requests(RATE)
        result = rolling.load.stop()
    assert not before & rolling.pods()
    assert not result["failures"]
    assert set(collections.Counter(got for *_, got in result["seen"])) == {"web"}
