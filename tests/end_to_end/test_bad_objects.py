# SPDX-License-Identifier: Apache-2.0
"""A thousand Ingresses that are right, and beside them two hundred bad objects and files that appear and go: the thousand answer as
before, the two hundred are named with file, line and field, and when they have gone nothing of them stays.
"""
import json
import os
import re

from folder import ingress, path, route, rule, served
from gateway import Gateway, once_done
from origins import Origins
from raw_client import Client, once, request
from scale_bad_objects import KINDS, Bad
from scale_load import Load
from scale_metrics import await_snapshots
from scale_sizes import by_build
from scale_timeline import Timeline
from scale_world import answered_by

GOOD, BAD, AT_ONCE = 1000, 200, 25
SERVICES = tuple(f"stable{number}" for number in range(5))
RATE = by_build(1000, 500, 200)


def expected(number):
    return SERVICES[number % len(SERVICES)]


def write_good(folder, origins):
    folder.write("services.yaml", *(item for name, port in origins.ports.items() for item in served(name, port)))
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
    unnamed = set(bads)

    def all_are_named(lines):
        unnamed.difference_update([bad for bad in unnamed if bad.is_named_in(lines[start:])])
        return not unnamed

    try:
        gateway.errors.wait_until(all_are_named)
    except AssertionError:
        said = "\n".join(gateway.errors.lines[start:])
        raise AssertionError(f"these were not named: {sorted(map(repr, unnamed))}; the gateway said:\n{said}") from None


def go(folder, gateway, bads, number):
    """They are removed, and every worker serves without them: a line about what was written after that says so."""
    for bad in bads:
        folder.remove(bad.file)
    write_fence(folder, number)
    gateway.errors.wait_for(rf"accepted Ingress default/fence{number}\b")


def write_fence(folder, number):
    folder.write("fence.yaml", route("fence.test", SERVICES[0], name=f"fence{number}"))


def report_of(folder):
    code, out, _ = once_done("check", folder.path, "--output", "json")
    return code, json.loads(out)


def served_by(gateway):
    """Whoever asks for each good host in turn: {number: who answered}, of those that are not as they should be."""
    with Client(gateway.address) as client:
        got = {number: answered_by(client.get(f"good{number}.test")) for number in range(GOOD)}
    return {number: who for number, who in got.items() if who != expected(number)}


def pages_of(gateway):
    """The backends that are measured, which are those of the configuration."""
    text = once(gateway.health, request("GET", "localhost", "/metrics")).body.decode()
    return sorted(set(re.findall(r'backend="([^"]*)"', text)))


def test_bad_objects_harm_nobody_are_named_and_leave_nothing_behind(folder, capsys):
    assert len(KINDS) >= 60
    timeline = Timeline()
    for number in range(GOOD):
        timeline.add((f"good{number}.test", "/"), 0, 0.0, expected(number))
    bads = [Bad(number, f"good{number}") for number in range(BAD)]
    with Load() as load, Origins(*SERVICES) as origins:
        write_good(folder, origins)
        write_fence(folder, 0)
        before = report_of(folder)
        assert before[0] == 0
        with Gateway(folder, workers=2) as gateway:
            assert served_by(gateway) == {}
            backends = pages_of(gateway)
            load.begin(gateway.address, list(timeline.versions), rate=RATE, connections=20)
            for first in range(0, BAD, AT_ONCE):
                appear(folder, gateway, bads[first:first + AT_ONCE])
                load.wait_for_more_requests(200)
                go(folder, gateway, bads[first:first + AT_ONCE], first + 1)
                load.wait_for_more_requests(200)
            appear(folder, gateway, bads)
            assert served_by(gateway) == {}
            code, report = report_of(folder)
            unnamed = {repr(bad): bad.what_is_said(report) for bad in bads if not bad.is_named_by(report)}
            assert code == 1 and not unnamed, unnamed
            go(folder, gateway, bads, BAD + 1)
            assert served_by(gateway) == {}
            result = load.stop()
            for bad in bads:
                got = once(gateway.address, request("GET", f"{bad.name}.test"))
                assert got.status == 404, f"{bad} has gone, and its host still answers {got.raw}"
            write_fence(folder, 0)
            assert report_of(folder) == before
            assert pages_of(gateway) == backends
            await_snapshots(gateway, 1)
    assert not result["failures"], result["failures"][:10]
    faults = timeline.faults(load.asks, result["seen"])
    assert not faults, f"{len(faults)} wrong answers, such as:\n" + "\n".join(faults[:10])
    with capsys.disabled():
        print(f"\n{BAD} of {len(KINDS)} kinds came and went beside {len(result['seen'])} requests")
