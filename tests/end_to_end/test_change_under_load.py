# SPDX-License-Identifier: Apache-2.0
"""The folder is edited while requests, slow bodies and tunnels are under way: none fails, none is dropped, and each is answered by
a backend that the folder allowed at some moment of it.
"""
import collections
import json
import re

import pytest
from gateway import Gateway
from load import SWITCHED, piece, upgrade
from origins import Origins
from raw_client import Client, once, request
from scale_load import Load, rate_of, slowest_of
from scale_metrics import await_snapshots
from scale_sizes import by_build
from scale_timeline import Timeline
from scale_world import SERVICES, SLOW, Fences, World, answered_by

# An edit for every hundred requests: 20 a second of 2,000; under ThreadSanitizer one in 100 ms, of 500.
EDITS = by_build(1000, 200, 100)
RATE = by_build(2000, 1000, 500)
REQUESTS_AN_EDIT = by_build(100, 50, 50)


@pytest.mark.threaded
def test_nothing_fails_while_the_folder_is_edited(folder, tmp_path, capsys):
    timeline = Timeline()
    log = tmp_path / "access.log"
    with Load() as load, Origins(*SERVICES) as origins:
        world = World(folder, origins, load.port, timeline)
        with Gateway(folder, "--snapshot-hold", 1, workers=2, access_log=log) as gateway, Client(gateway.address) as tunnel:
            tunnel.send(upgrade(SLOW[0]))
            assert tunnel.take(len(SWITCHED)).startswith(b"HTTP/1.1 101 ")
            load.begin(gateway.address, world.asks(), SLOW, RATE)
            fences = Fences(gateway, timeline)
            for number in range(EDITS):
                load.wait_for_requests((number + 1) * REQUESTS_AN_EDIT)
                world.step()
                fences.look()
            gateway.errors.wait_for(rf"accepted Ingress default/fence{EDITS}\b")
            assert fences.look() == EDITS
            load.wait_for_requests((EDITS + 10) * REQUESTS_AN_EDIT)
            result = load.stop()
            for ask in world.asks():
                got = answered_by(once(gateway.address, request("GET", *ask)))
                assert got in timeline.now_allowed(ask), f"{ask} after all edits: {got}, not {timeline.now_allowed(ask)}"
            await_snapshots(gateway, 1)
            tunnel.send(piece(0))
            assert tunnel.take(len(piece(0))) == piece(0)
            tunnel.shutdown_write()
            tunnel.expect_end()
    with capsys.disabled():
        print(f"\n{EDITS} edits {world.kinds}, {len(result['seen'])} requests, {rate_of(result['seen']):.0f} a second, "
              f"{rate_of(result['seen']) / REQUESTS_AN_EDIT:.1f} edits a second, 99 of 100 within {slowest_of(result['seen'], 0.99):.1f} ms, "
              f"all within {slowest_of(result['seen'], 1):.1f} ms; {result['slow']}, never fewer than {result['fewest_slow']} of these at once")
    judge(result, timeline, load.asks)
    judge_log(log, len(result["seen"]) + len(world.asks()), result["slow"])


def judge(result, timeline, asks):
    assert not result["failures"], result["failures"][:10]
    faults = timeline.faults(asks, result["seen"])
    assert not faults, f"{len(faults)} answers that the folder did not allow, such as:\n" + "\n".join(faults[:10])
    assert {number for _, number, *_ in result["seen"]} == set(range(len(asks))), "not everything was asked for"
    changed = {ask for ask in asks if len({version.allowed for version in timeline.versions[ask]}) > 1}
    answers = {ask: {got for _, number, *_, got in result["seen"] if asks[number] == ask} for ask in changed}
    unseen = [ask for ask, got in answers.items() if len(got) == 1]
    assert len(unseen) < len(changed) / 2, f"of {changed} the changes at {unseen} were not seen"
    slow = result["slow"]
    assert slow["uploads"] and slow["downloads"] and slow["tunnels"] > 2 * len(SLOW), slow


def judge_log(log, requests, slow):
    """Every request has its line, and no line tells of a failure."""
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    errors = collections.Counter(entry.get("error") for entry in entries if entry["status"] >= 400 or "error" in entry)
    assert set(errors) <= {"no_host"}, errors
    assert len(entries) == requests + slow["uploads"] + slow["downloads"] + slow["tunnels"] + 1, f"{len(entries)} lines"
    longest = max((entry for entry in entries if entry["status"] == 101), key=lambda entry: entry["duration_us"])
    assert longest["rule"]["name"] == "slow0" and "slow" in longest["backend"], longest
    assert re.fullmatch(r"127\.0\.0\.[12]:\d+", longest["endpoint"]), longest
    assert (longest["received"], longest["sent"]) == (len(piece(0)), len(piece(0))), longest


def test_the_judge_of_answers_knows_each_wrong_one():
    """What the test above relies on: an answer too early, too late, by a stranger, and a connection that goes back."""
    timeline = Timeline()
    ask = ("a.test", "/")
    timeline.add(ask, 0, 0.0, "one")
    timeline.add(ask, 1, 10.0, "two")
    timeline.add(ask, 2, 20.0, "one")
    timeline.fence(15.0, 1)

    def faults(*seen):
        return [int(fault.split(" on connection ")[1].split()[0]) for fault in timeline.faults([ask], seen)]

    assert faults((1, 0, 1.0, 2.0, "one"), (1, 0, 9.0, 10.5, "two"), (2, 0, 14.0, 14.5, "one"), (1, 0, 20.5, 21.0, "one")) == []
    assert faults((1, 0, 9.0, 9.5, "two")) == [1]
    assert faults((1, 0, 16.0, 17.0, "one")) == [1]
    assert faults((1, 0, 1.0, 2.0, "three"), (2, 0, 1.0, 2.0, "404")) == [1, 2]
    assert faults((1, 0, 10.5, 11.0, "two"), (2, 0, 11.5, 12.0, "one"), (1, 0, 11.5, 12.0, "one")) == [1]
