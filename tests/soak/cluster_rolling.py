# SPDX-License-Identifier: Apache-2.0
"""Twenty rolling restarts of three pods at 2,000 requests a second, GET and POST, for each way in which pods end (R4).

A GET never fails. A POST is put to another endpoint only where no connection was made for it (decision 0007): one that goes to a
pod on a kept connection as that ends is answered 502. Of a pod that drains or refuses that may be one; of one that breaks all
connections at once, the POSTs that clients have under way there. That is the pod's fault, as the answer's word says; none may be the
gateway's.

The rate is kept up only where the machine is free: pods that start, and the API server that is told of them, need a core.
"""
import collections

import enclosed
from figure import Figure, at_least, at_most
from rolling import AT_TERM, GETS, PODS, Rolling
from scale_load import rate_of, slowest_of

RATE, RESTARTS, REQUESTS = 2000, 20, 50_000  # of each way
ASKS = [*GETS, ("web.test", "/posted", "x" * 200), ("web.test", "/posted", "y" * 4000)]
CLIENTS = 40
UNDER_WAY = CLIENTS // PODS // 2 + 1  # POSTs to one pod at one moment: half of the asks are such
SHOWN = 10  # of what failed
OURS = ("no_service", "no_endpoints", "overloaded", "internal", "invalid")  # the gateway's fault (src/http/gateway_answer.cpp)


def is_post(number):
    return len(ASKS[number]) > 2


def at_fault(answer):
    """Whose fault an answer such as `502 upstream_reset` is."""
    word = answer.split()[1] if " " in answer else ""
    return "the gateway" if word in OURS else "a pod"


def soak(seconds, _connections, where):
    yield from enclosed.soak(__name__, seconds, where)


def parts(cluster, seconds, _where):
    """A shorter one than by itself has so many fewer restarts."""
    restarts = max(1, min(RESTARTS, RESTARTS * seconds // 300))
    for at_term in AT_TERM:
        namespace = f"rolling-{at_term}"
        cluster.add_namespace(namespace)
        yield at_term, rolled(cluster, namespace, at_term, restarts)
        cluster.api.delete("namespaces", None, namespace, propagationPolicy="Background")


def rolled(cluster, namespace, at_term, restarts):
    with Rolling(cluster, namespace, at_term, ASKS, RATE) as rolling:
        before = rolling.pods()
        for _ in range(restarts):
            rolling.restart()
        rolling.load.wait_for_requests(REQUESTS * restarts // RESTARTS)
        rolling.load.wait_for_more_requests(RATE)
        result = rolling.load.stop()
        stayed = len(before & rolling.pods())
    answers = [*result["errors"], *((number, f"200 by {got}") for _, number, *_, got in result["seen"] if got != "web" and not got.isdigit())]
    wrong = collections.Counter(("POST" if is_post(number) else "GET", answer) for number, answer in answers)
    for (method, answer), count in wrong.items():
        print(f"{at_term}: {count} {method} answered {answer}", flush=True)
    for failure in result["failures"][:SHOWN]:
        print(f"{at_term}: {failure}", flush=True)
    failed = collections.Counter()
    for (method, answer), count in wrong.items():
        failed[method, at_fault(answer)] += count
    seen = result["seen"]
    return [
        at_least("rolling restarts", restarts if not stayed else 0, restarts),
        at_least("requests", len(seen), REQUESTS * restarts // RESTARTS),
        at_least("requests a second", int(rate_of(seen)), RATE * 95 // 100),
        Figure("GETs, POSTs", " ".join(f"{sum(is_post(number) == posted for _, number, *_ in seen):,}" for posted in (False, True))),
        at_most("GETs that failed", sum(count for (method, _), count in failed.items() if method == "GET"), 0),
        at_most("POSTs that failed by the gateway", failed["POST", "the gateway"], 0),
        at_most("connections of clients that failed", len(result["failures"]), 0),
        at_most("POSTs that failed by a pod", failed["POST", "a pod"], PODS * restarts * (UNDER_WAY if at_term in ("exit", "reset") else 1)),
        Figure("99 of 100 answered within", f"{slowest_of(seen, 0.99):.1f} ms"),
        Figure("all answered within", f"{slowest_of(seen, 1):.1f} ms"),
    ]
