# SPDX-License-Identifier: Apache-2.0
"""The payloads of HTTP Garden and of the rules H1-1 to H1-20 before all oracles, and before all judges what was sent on of them."""
import pytest
from families import payloads
from garden import PAYLOADS, with_host
from oracles import none_of
from replay import before_all, distinct

FAMILIES = {}
for family, made in payloads():
    FAMILIES.setdefault(family, []).append(made)


def ids(names):
    return [name.replace(" ", "-") for name in names]


def check(world, judges, data, **how):
    seen, found = world.play(data, **how)
    none_of(found + before_all(judges.ports, distinct(seen.parts))[0])


def test_all_payloads_of_the_garden_are_here():
    assert len(PAYLOADS) == 76


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=ids(PAYLOADS))
def test_a_payload_of_the_garden(world, judges, payload):
    check(world, judges, payload)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=ids(PAYLOADS))
def test_the_same_with_a_host(world, judges, payload):
    check(world, judges, with_host(payload))


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=ids(PAYLOADS))
def test_the_same_byte_by_byte(world, judges, payload):
    data = with_host(payload)
    check(world, judges, data, cuts=range(1, len(data)))


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=ids(PAYLOADS))
def test_the_same_with_nothing_behind_it(world, judges, payload):
    check(world, judges, with_host(payload), canary=False)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family(world, judges, family):
    found, parts = [], []
    for payload in FAMILIES[family]:
        seen, said = world.play(payload)
        parts += seen.parts
        found += said
    none_of(found + before_all(judges.ports, distinct(parts))[0])


def test_an_answer_before_a_body_that_turns_out_malformed(world, judges):
    head = b"OPTIONS * HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    for body in (b"worse\r\n", b"2\r\nab\n0\r\n\r\n", b"\r\n"):
        check(world, judges, head + body, cuts=[len(head)])
        check(world, judges, head + body)


def test_the_access_log_has_all_that_was_sent_on(world):
    none_of(world.finish())
    assert len(world.whole) > 0
