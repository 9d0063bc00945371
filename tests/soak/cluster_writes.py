# SPDX-License-Identifier: Apache-2.0
"""Who interferes with what is told back to a real API server: somebody who rewrites a status 50 times a second (R15), and a Lease that is
robbed a hundred times (R16). The API server's audit log tells who wrote what and when.
"""
import contextlib
import threading
import time

import enclosed
from api import path_of
from audit import Audit
from cluster import GATEWAYS, accepted
from cluster_world import who_writes
from figure import Figure, at_least, at_most
from folder import route
from gateway import Gateway
from images import echoes
from rolling import GETS
from scale_load import Load

OURS, THEIRS = "192.0.2.7", "198.51.100.1"
LEASE = "gateway"
RATE = 300  # requests a second, to each gateway
HOSTILE = 50  # rewritings a second
ROBBERIES, SECONDS_A_ROBBERY = 100, 5


def soak(seconds, _connections, where):
    yield from enclosed.soak(__name__, seconds, where)


def parts(cluster, seconds, _where):
    for name, play in (("statuses", rewritten), ("leases", robbed)):
        cluster.add_namespace(name)
        cluster.apply(*echoes("web", name, replicas=2), namespace=name)
        cluster.api.create("ingresses", name, route("web.test", "web") | {"metadata": {"name": "web", "namespace": name}})
        cluster.await_ready(name, 2)
        yield name, play(cluster, name, seconds)


@contextlib.contextmanager
def serving(cluster, namespace, user):
    """A gateway that writes when it holds the Lease, with a load on it."""
    options = ["--publish-address", OURS, "--lease", f"{namespace}/{LEASE}"]
    with Gateway(cluster.source(namespace, user), *options) as gateway, Load() as load:
        gateway.errors.wait_for(accepted("Ingress", namespace, "web"))
        load.begin(gateway.address, GETS, rate=RATE)
        yield gateway, load


def failed_in(load):
    result = load.stop()
    return sum(got != "web" for *_, got in result["seen"]) + len(result["failures"]), len(result["seen"])


def await_ours(cluster, namespace, name):
    def listed(found):
        return [one["ip"] for one in found[name]["status"]["loadBalancer"].get("ingress", ())] == [OURS]

    cluster.api.until(listed, "ingresses", namespace)


def status_writes(entries):
    return [one for one in entries if one.resource == "ingresses/status" and one.stage == "ResponseComplete"]


# R15.


def rewrite(cluster, namespace, seconds):
    """Until the time is over; how often, and when the last time was."""
    api, times, due = cluster.api.kept(), 0, time.monotonic()
    end = due + seconds
    path = path_of("ingresses", namespace, "web", "status")
    while due < end:
        api.ask("PATCH", path, {"status": {"loadBalancer": {"ingress": [{"ip": THEIRS}]}}}, "application/merge-patch+json")
        times, due = times + 1, due + 1 / HOSTILE
        threading.Event().wait(max(0, due - time.monotonic()))
    api.close()
    return times


def rewritten(cluster, namespace, seconds):
    with serving(cluster, namespace, GATEWAYS[0]) as (_, load):
        await_ours(cluster, namespace, "web")
        audit, begun = Audit(cluster), time.monotonic()
        times = rewrite(cluster, namespace, seconds)
        stopped = time.monotonic()
        await_ours(cluster, namespace, "web")
        converged = time.monotonic() - stopped
        ours = status_writes(audit.new())
        failed, requests = failed_in(load)
    return [
        at_least("rewritings by another", times, int(0.8 * HOSTILE * seconds)),
        at_least("writes of ours", len(ours), 1),
        at_most("a second", len(ours) / (stopped - begun), 2),
        at_most("until ours stood there after the end", converged, 5, " s"),
        at_least("requests meanwhile", requests, RATE * seconds // 2),
        at_most("of them failed", failed, 0),
    ]


# R16.


def give_lease_to(cluster, namespace, holder):
    """Whoever has it: as somebody would who does not keep to the rules."""
    cluster.api.merge("leases", namespace, LEASE, {"spec": {"holderIdentity": holder}})


def rob(cluster, namespace, gateways, number):
    leader = who_writes(gateways)
    said = len(leader.errors.lines)
    give_lease_to(cluster, namespace, "a-thief")
    leader.errors.wait_for("this replica does not write them any more", said)
    name = f"new{number}"
    cluster.api.create("ingresses", namespace, route(f"{name}.test", "web", name) | {"metadata": {"name": name, "namespace": namespace}})
    give_lease_to(cluster, namespace, "")
    await_ours(cluster, namespace, name)


def terms(entries):
    """(user, when it had the Lease for certain, until when) of each; a renewal goes on with the same."""
    found = []
    for one in entries:
        if one.resource != "leases" or one.name != LEASE or one.stage != "ResponseComplete" or one.status >= 300 or one.verb == "get":
            continue
        holder = one.written["spec"].get("holderIdentity") or None
        owner = one.user if one.user in GATEWAYS and holder else None
        if found and found[-1][0] == owner:
            continue
        if found:
            found[-1][2] = one.received
        found.append([owner, one.at, float("inf")])
    return [term for term in found if term[0]]


def strangers(entries):
    """Writes that began while another replica had the Lease."""
    held = terms(entries)
    return [one for one in status_writes(entries) if any(user != one.user and begun < one.received < end for user, begun, end in held)]


def robbed(cluster, namespace, seconds):
    robberies = max(2, min(ROBBERIES, seconds // SECONDS_A_ROBBERY))
    audit = Audit(cluster)
    with serving(cluster, namespace, GATEWAYS[0]) as first, serving(cluster, namespace, GATEWAYS[1]) as second:
        await_ours(cluster, namespace, "web")
        begun = time.monotonic()
        for number in range(robberies):
            rob(cluster, namespace, (first[0], second[0]), number)
        took = time.monotonic() - begun
        answered = [failed_in(load) for _, load in (first, second)]
    entries = audit.new()
    wrong = strangers(entries)
    for one in wrong[:10]:
        print(one, flush=True)
    written = status_writes(entries)
    return [
        at_least(f"times that the Lease was robbed, in {took:.0f} s", robberies, robberies),
        at_least("terms of replicas", len(terms(entries)), robberies),
        Figure("statuses written by each", ", ".join(str(sum(one.user == user for one in written)) for user in GATEWAYS)),
        at_least("statuses written", len(written), robberies),
        at_most("of them while another had the Lease", len(wrong), 0),
        at_least("requests meanwhile", sum(requests for _, requests in answered), int(RATE * took)),
        at_most("of them failed", sum(failed for failed, _ in answered), 0),
    ]
