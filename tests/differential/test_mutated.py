# SPDX-License-Identifier: Apache-2.0
"""20,000 payloads of the grammar through the gateway by socket, and all that it sent on of them before the judges."""
from grammar import Grammar
from oracles import none_of
from replay import before_all, distinct

SEED, COUNT = 20261127, 20000
# Each sees every n-th emission of these: the other judges are fast enough for all of them.
SLOW = {"gevent": 6, "puma": 5, "webrick": 8}


def test_the_same_seed_makes_the_same_payloads():
    first, second = Grammar(SEED), Grammar(SEED)
    made = [first.payload() for _ in range(200)]
    assert made == [second.payload() for _ in range(200)]
    assert len(set(made)) > 190


def test_no_mutation_fools_the_gateway_or_what_is_behind_it(world, judges):
    grammar, parts, found, statuses = Grammar(SEED), [], [], set()
    for _ in range(COUNT):
        payload = grammar.payload()
        seen, said = world.play(payload, cuts=grammar.cuts(payload))
        parts += seen.parts
        found += said
        statuses |= {answer.status for answer in seen.answers}
        if len(found) > 20:
            break
    none_of(found)
    none_of(world.finish())
    # The grammar reaches both sides of the line: most of it is sent on, and every kind of refusal is among the answers.
    assert statuses >= {200, 400, 405, 417, 431, 501, 505}
    emissions = distinct(parts)
    assert len(emissions) > COUNT / 4
    found, verdicts = before_all(judges.ports, emissions, SLOW)
    none_of(found)
    for judge in verdicts:
        print(f"{judge.name}: {judge.understood} requests understood, {judge.refused} refused, {judge.left_out} emissions not given")
        assert judge.understood > COUNT / 2 / SLOW.get(judge.name, 1), judge.name
