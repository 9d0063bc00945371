# SPDX-License-Identifier: Apache-2.0
"""The same from an API server (R13): a thousand Ingresses are served whatever else is there, by the first list and by the watch; each
bad object is named with its field in the log and by /status, and what is about who may ask lets nobody past.
"""
import json

import pytest
from bad_object import OPEN, Bad, await_named, ways_past, words
from cluster_world import POD, await_host
from folder import endpoint_slice, ingress, path, route, rule, service
from raw_client import Client, once, request
from scale_bad_objects import KINDS

GOOD = 1000
OF_A_CLUSTER = [kind for kind in KINDS if kind.field is not None and not kind.only_in_a_folder]

pytestmark = pytest.mark.usefixtures("pod_network")


def good_objects(cluster):
    yield from (service("stable0"), endpoint_slice("stable0", cluster.origin.port, (POD,)))
    yield cluster.authority.pair("*.test").secret("site")
    yield ingress("open", rule(OPEN, path("/", "stable0")), tls=[{"hosts": [OPEN], "secretName": "site"}])
    for number in range(GOOD):
        yield ingress(f"good{number}", rule(f"good{number}.test", path("/", "web")), created="2020-01-01T00:00:00Z")


def not_served(gateway):
    """The good hosts that do not answer as they should, asked one after the other."""
    with Client(gateway.address) as client:
        return [number for number in range(GOOD) if client.get(f"good{number}.test").status != 200]


def not_named(gateway, bads):
    page = json.loads(once(gateway.admin, request("GET", "localhost", "/status")).body)
    return {repr(bad): bad.what_is_said(page) for bad in bads if not bad.is_named_by(page, places=False)}


def test_bad_objects_harm_nobody_are_named_and_deny(cluster, capsys):
    spelt = words(cluster.authority, POD, cluster.origin.port)
    bads = [Bad(number, spelt | {"GOOD": f"good{number}"}, kind) for number, kind in enumerate(OF_A_CLUSTER)]
    assert len(bads) >= 200
    cluster.api.behave(stamps=False)
    cluster.api.put(*good_objects(cluster))
    listed, watched = bads[::2], bads[1::2]
    assert cluster.api.put_yaml("---\n".join(bad.text for bad in listed)) == []
    with cluster.gateway("--default-certificate", "default/site", tls=True) as gateway:
        assert not_served(gateway) == []
        assert cluster.api.put_yaml("---\n".join(bad.text for bad in watched)) == []
        await_named(gateway, bads, 0, places=False)
        assert not_named(gateway, bads) == {}
        assert not_served(gateway) == []
        assert ways_past(gateway, OPEN) == [200, 200, 200]
        let_past = {repr(bad): ways for bad in bads if bad.kind.denies and not bad.denies(ways := ways_past(gateway, bad.host))}
        assert not let_past, let_past
        cluster.api.put(route("late.test", "web", name="late"))
        await_host(gateway, "late.test")
    with capsys.disabled():
        print(f"\n{len(bads)} ways to be bad, {sum(bad.kind.denies is not None for bad in bads)} of which deny")
