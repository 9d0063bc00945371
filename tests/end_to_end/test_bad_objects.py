# SPDX-License-Identifier: Apache-2.0
"""A thousand Ingresses that are right, and beside them hundreds of bad objects and files, each in a way of its own, that appear and go (R13):
the thousand answer as before, each bad one is named with file, line and field, what is about who may ask lets nobody past, and
when they have gone nothing of them stays.
"""
import json
import os
import re

from bad_object import OPEN, Bad, await_named, ways_past, words
from certificates import Authority
from folder import ingress, path, route, rule, served
from gateway import Gateway, once_done
from origins import Origins
from raw_client import Client, once, request
from scale_bad_objects import KINDS
from scale_load import Load
from scale_metrics import await_snapshots
from scale_sizes import by_build
from scale_timeline import Timeline
from scale_world import answered_by

GOOD, AT_ONCE = 1000, 40
SERVICES = tuple(f"stable{number}" for number in range(5))
RATE = by_build(1000, 500, 200)
CERTIFICATE = ("--default-certificate", "default/site")


def expected(number):
    return SERVICES[number % len(SERVICES)]


def write_good(folder, origins, authority):
    folder.write("services.yaml", *(item for name, port in origins.ports.items() for item in served(name, port)))
    folder.write("open.yaml", authority.pair("*.test").secret("site"),
                 ingress("open", rule(OPEN, path("/", SERVICES[0])), tls=[{"hosts": [OPEN], "secretName": "site"}]))
    for first in range(0, GOOD, 10):
        folder.write(f"good{first:03}.yaml", *(
            ingress(f"good{number}", rule(f"good{number}.test", path("/", expected(number))), created="2020-01-01T00:00:00Z")
            for number in range(first, first + 10)))


def appear(folder, gateway, bads):
    """They are written, and the gateway names each of them with its place."""
    start = len(gateway.errors.lines)
    for bad in bads:
        with open(os.path.join(folder.path, f".{bad.file}.new"), "wb") as file:
            file.write(bad.bytes)
        os.rename(file.name, os.path.join(folder.path, bad.file))
    await_named(gateway, bads, start)


def go(folder, gateway, bads, number):
    """They are removed, and every worker serves without them: a line about what was written after that says so."""
    for bad in bads:
        folder.remove(bad.file)
    write_fence(folder, number)
    gateway.errors.wait_for(rf"accepted Ingress default/fence{number}\b")


def write_fence(folder, number):
    folder.write("fence.yaml", route("fence.test", SERVICES[0], name=f"fence{number}"))


def report_of(folder):
    code, out, _ = once_done("check", folder.path, "--output", "json", *CERTIFICATE)
    return code, json.loads(out)


def page_of(gateway):
    return json.loads(once(gateway.admin, request("GET", "localhost", "/status")).body)


def served_by(gateway):
    """Whoever asks for each good host in turn: {number: who answered}, of those that are not as they should be."""
    with Client(gateway.address) as client:
        got = {number: answered_by(client.get(f"good{number}.test")) for number in range(GOOD)}
    return {number: who for number, who in got.items() if who != expected(number)}


def pages_of(gateway):
    """The backends that are measured, which are those of the configuration."""
    text = once(gateway.health, request("GET", "localhost", "/metrics")).body.decode()
    return sorted(set(re.findall(r'backend="([^"]*)"', text)))


def test_bad_objects_harm_nobody_are_named_deny_and_leave_nothing_behind(folder, tmp_path, capsys):
    authority = Authority(tmp_path / "authority")
    timeline = Timeline()
    for number in range(GOOD):
        timeline.add((f"good{number}.test", "/"), 0, 0.0, expected(number))
    with Load() as load, Origins(*SERVICES) as origins:
        spelt = words(authority, "127.0.0.1", origins.ports[SERVICES[0]])
        bads = [Bad(number, spelt | {"GOOD": f"good{number}"}, kind) for number, kind in enumerate(KINDS)]
        assert len(bads) >= 200
        write_good(folder, origins, authority)
        write_fence(folder, 0)
        before = report_of(folder)
        assert before[0] == 0
        with Gateway(folder, *CERTIFICATE, workers=2, tls=True) as gateway:
            assert served_by(gateway) == {}
            backends = pages_of(gateway)
            load.begin(gateway.address, list(timeline.versions), rate=RATE, connections=20)
            for first in range(0, len(bads), AT_ONCE):
                appear(folder, gateway, bads[first:first + AT_ONCE])
                load.wait_for_more_requests(200)
                go(folder, gateway, bads[first:first + AT_ONCE], first + 1)
                load.wait_for_more_requests(200)
            appear(folder, gateway, bads)
            assert served_by(gateway) == {}
            code, checked = report_of(folder)
            assert code == 1
            for report in (checked, page_of(gateway)):
                unnamed = {repr(bad): bad.what_is_said(report) for bad in bads if not bad.is_named_by(report)}
                assert not unnamed, unnamed
            let_past = {repr(bad): ways for bad in bads if bad.kind.denies and not bad.denies(ways := ways_past(gateway, bad.host))}
            assert not let_past, let_past
            assert ways_past(gateway, OPEN) == [200, 200, 200]
            go(folder, gateway, bads, len(bads) + 1)
            assert served_by(gateway) == {}
            result = load.stop()
            for bad in bads:
                got = once(gateway.address, request("GET", bad.host))
                assert got.status == 404, f"{bad} has gone, and its host still answers {got.raw}"
            write_fence(folder, 0)
            assert report_of(folder) == before
            assert pages_of(gateway) == backends
            await_snapshots(gateway, 1)
    assert not result["failures"], result["failures"][:10]
    faults = timeline.faults(load.asks, result["seen"])
    assert not faults, f"{len(faults)} wrong answers, such as:\n" + "\n".join(faults[:10])
    denying = sum(bad.kind.denies is not None for bad in bads)
    with capsys.disabled():
        print(f"\n{len(bads)} ways to be bad, {denying} of which deny, came and went beside {len(result['seen'])} requests")
