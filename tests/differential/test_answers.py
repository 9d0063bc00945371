# SPDX-License-Identifier: Apache-2.0
"""Payloads that come back from an upstream (H1-18): the client gets a 502 or exactly what a strict reading gives, and the canary
behind it, and one on a fresh connection, get their own answers.
"""
import pytest
from families import answers
from garden import PAYLOADS, as_response
from oracles import none_of
from world import final_response

FAMILIES = {}
for family, made in answers():
    FAMILIES.setdefault(family, []).append(made)


def check(world, answer):
    """For GET and HEAD; with the origin's end behind it, and without where the gateway need not wait for more."""
    found = []
    for method in (b"GET", b"HEAD"):
        found += world.play_answer(answer, closes=True, method=method)
        if final_response(answer, method, ended=False):
            found += world.play_answer(answer, closes=False, method=method)
    none_of(found)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=[name.replace(" ", "-") for name in PAYLOADS])
def test_a_payload_of_the_garden_as_it_is(world, payload):
    check(world, payload)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=[name.replace(" ", "-") for name in PAYLOADS])
def test_a_payload_of_the_garden_with_a_status_line(world, payload):
    check(world, as_response(payload))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family(world, family):
    for answer in FAMILIES[family]:
        check(world, answer)


def test_the_access_log_has_all_that_was_sent_on(world):
    none_of(world.finish())
    assert len(world.whole) > 0
