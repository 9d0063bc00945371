# SPDX-License-Identifier: Apache-2.0
"""Twenty changes a second in the API server, under 2,000 requests a second, 500 WebSockets and 200 gRPC calls that last as long as all
of it: none fails or ends, and each answer is one that the objects allowed at some moment of it (R1).

What is changed, and how answers are judged, is that of test_change_under_load.py.
"""
import contextlib

import enclosed
from applied import Applied, reachable
from cluster import accepted
from figure import Figure, at_least, at_most
from folder import http2_service, route, served
from gateway import Gateway
from long_streams import LongStreams
from origins import Origins
from scale_load import Load, rate_of, slowest_of
from scale_timeline import Timeline
from scale_world import SERVICES, SLOW, Fences, World

NAMESPACE = "default"
RATE, REQUESTS_A_CHANGE = 2000, 100
ROUND = 1000  # changes, which take 50 s
ROUNDS = 20
WEBSOCKETS, CALLS = 500, 200
ADDRESSES = reachable("127.0.0.1"), reachable("127.0.0.2")


def soak(seconds, _connections, where):
    yield from enclosed.soak(__name__, seconds, where)


class Round:
    """A world from its beginning, changed ROUND times."""

    def __init__(self, folder, gateway, origins, changes):
        self.timeline, self.changes = Timeline(), changes
        with Load(*ADDRESSES) as load:
            world = World(folder, origins, load.port, self.timeline)
            begun = len(gateway.errors.lines)
            world.edit_fence()
            gateway.errors.wait_for(accepted("Ingress", NAMESPACE, "fence0"), begun)
            load.begin(gateway.address, world.asks(), SLOW, RATE)
            fences = Fences(gateway, self.timeline)
            fences.read = len(gateway.errors.lines)
            for number in range(changes):
                load.wait_for_requests((number + 1) * REQUESTS_A_CHANGE)
                world.step()
                fences.look()
            load.wait_for_requests((changes + 10) * REQUESTS_A_CHANGE)
            self.result = load.stop()
            folder.clear()
        self.faults = self.timeline.faults(load.asks, self.result["seen"])

    def tell(self):
        for line in [*self.faults[:10], *self.result["failures"][:10]]:
            print(line, flush=True)


def streams_of(folder, streams):
    hosts = route("sockets.test", "sockets", "sockets"), route("calls.test", "calls", "calls")
    folder.write("streams.yaml", *served("sockets", streams.websocket_port), *http2_service("calls", streams.grpc_port), *hosts)


def parts(cluster, seconds, _where):
    cluster.install_own_kinds()
    seconds = min(seconds, ROUNDS * ROUND * REQUESTS_A_CHANGE // RATE)
    wanted = max(100, seconds * RATE // REQUESTS_A_CHANGE)
    folder, lasting, rounds = Applied(cluster, NAMESPACE), Applied(cluster, NAMESPACE), []
    with contextlib.ExitStack() as open_:
        origins = open_.enter_context(Origins(*SERVICES, address=ADDRESSES[0]))
        streams = open_.enter_context(LongStreams(ADDRESSES[0], WEBSOCKETS, CALLS))
        streams_of(lasting, streams)
        gateway = open_.enter_context(Gateway(cluster.source(NAMESPACE), workers=2))
        for name in ("sockets", "calls"):
            gateway.errors.wait_for(accepted("Ingress", NAMESPACE, name))
        streams.begin(gateway.address, "sockets.test", "calls.test")
        while (done := sum(one.changes for one in rounds)) < wanted:
            rounds.append(Round(folder, gateway, origins, min(ROUND, wanted - done)))
            rounds[-1].tell()
        lasted = streams.stop()
    for failure in lasted["failures"][:10]:
        print(failure, flush=True)
    seen = [entry for one in rounds for entry in one.result["seen"]]
    slow = [one.result["slow"] for one in rounds]
    yield "changes", [
        at_least("changes", sum(one.changes for one in rounds), wanted),
        at_least("requests", len(seen), wanted * REQUESTS_A_CHANGE),
        Figure("requests a second", f"{min(rate_of(one.result['seen']) for one in rounds):.0f} in the slowest round"),
        at_most("requests, slow bodies and tunnels that failed", sum(len(one.result["failures"]) for one in rounds), 0),
        at_most("answers that the objects did not allow", sum(len(one.faults) for one in rounds), 0),
        at_least("slow bodies beside them", sum(one["uploads"] + one["downloads"] for one in slow), len(rounds)),
        at_least("WebSockets and gRPC calls that lasted", lasted["ended"], WEBSOCKETS + CALLS),
        at_most("of them failed", len(lasted["failures"]), 0),
        at_least("messages of theirs", lasted["messages"], (WEBSOCKETS + CALLS) * seconds // 4),
        Figure("99 of 100 requests answered within", f"{slowest_of(seen, 0.99):.1f} ms"),
        Figure("changes that the API server refused", str(folder.refused)),
    ]
