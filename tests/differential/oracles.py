# SPDX-License-Identifier: Apache-2.0
"""The five oracles of a differential run. Each gives the discrepancies that it finds, as sentences; none is what is hoped for.

(a) every judge sees the requests that were sent on   (b) so does the access log   (c) the validator accepts every byte sent on
(d) canaries get their own answers, and so does every request   (e) the gateway closes when it says so, and only then
"""
from dataclasses import dataclass

from stage import CANARY_TARGET


@dataclass(frozen=True)
class Seen:
    """One request, as the validator or a judge reads it."""

    method: bytes
    target: bytes
    host: bytes
    body: str  # its SHA-1


def judges_agree(expected, cut, name, seen):
    """(a) What a judge saw of one part: `expected` in this order; `cut` is the one whose end never came, or None."""
    if seen[:len(expected)] != expected:
        return [f"(a) {name} saw {seen}, not {expected}"]
    beyond = seen[len(expected):]
    if cut is not None and len(beyond) == 1 and beyond[0].method == cut.method and beyond[0].target == cut.target:
        return []
    return [f"(a) {name} saw more: {beyond}"] if beyond else []


def log_agrees(whole, cut, lines):
    """(b) The access log has a line for each request that arrived, in this order, and no other line of a request sent on.

    `whole` and `cut` are X-Request-Ids. What the client spoilt within its body has named its endpoint and may or may not have
    begun to arrive; all else with an endpoint did arrive.
    """
    reached = [line for line in lines if "endpoint" in line]
    refused = {line["request_id"] for line in reached if not line.get("error", "upstream").startswith(("upstream", "connect"))}
    logged = [line["request_id"] for line in reached if line["request_id"] not in refused]
    found = []
    if logged != whole:
        missing, surplus = [i for i in whole if i not in set(logged)], [i for i in logged if i not in set(whole)]
        found.append(f"(b) {len(whole)} requests arrived, {len(logged)} are in the log; not logged: {missing[:5]}, "
                     f"not arrived: {surplus[:5]}")
    unknown = [i for i in cut if i not in refused]
    if unknown:
        found.append(f"(b) these began to arrive, and the log does not call them refused: {unknown[:5]}")
    return found


def emission_is_valid(observation):
    """(c) All that went upstream during a payload is whole requests, and at most the beginning of one on each connection."""
    return [f"(c) sent on: {part.fault}: {part.data[:2000]!r}" for part in observation.parts if part.fault]


def begins_http2(observation):
    """What begins as HTTP/2 is spoken to in HTTP/2: its frames are no answers."""
    return observation.payload.startswith(b"PRI * HTTP/2.0\r\n")


def is_of_no_version(observation):
    """Where HTTP/2 may begin too, a first line of neither is closed on without a word (RFC 9113 3.4)."""
    return not observation.answers and b" HTTP/" not in observation.payload.split(b"\n", 1)[0]


def answers_are_own(observation):
    """(d) The answers of the recorder reach the client in order, none is left out, and a canary's is its own."""
    found = []
    if observation.fault and not begins_http2(observation):
        found.append(f"(d) the client got: {observation.fault}")
    given = [int(answer.all(b"x-answer")[0]) for answer in observation.answers if answer.all(b"x-answer")]
    if given != [number for number, _ in observation.arrived]:
        found.append(f"(d) the answers {given} came for the requests {[(n, r.method, r.target) for n, r in observation.arrived]}")
    for answer in observation.answers:
        number = answer.all(b"x-answer")
        if number and answer.body not in (b"", b"answer " + number[0]):
            found.append(f"(d) the answer {number} has another's body: {answer.body[:200]!r}")
    if observation.end == "open" and not observation.fault and observation.arrived[-1][1].target != CANARY_TARGET:
        found.append("(d) the connection is open, and the canary was not answered")
    return found


def fresh_canary_is_answered(observation):
    """(d) The canary on a fresh connection."""
    fresh = observation.fresh
    found = answers_are_own(fresh)
    if fresh.end != "open" or len(fresh.answers) != 1 or fresh.answers[0].status != 200:
        found.append(f"(d) a canary on a fresh connection got {[a.status for a in fresh.answers]}, then it was {fresh.end}")
    if [request.target for _, request in fresh.arrived] != [CANARY_TARGET]:
        found.append(f"(d) behind a fresh canary arrived {[request.target for _, request in fresh.arrived]}")
    return found


def closes_as_it_says(observation, reading):
    """(e) "Connection: close" is said by the last answer, and is then true; without it the connection stays.

    Only an answer of the gateway's own that comes before the body of its request cannot know that this body will be malformed.
    """
    found = []
    if observation.fault:
        return found
    if any(answer.closes for answer in observation.answers[:-1]):
        found.append("(e) an answer came behind one that said close")
    says_close = bool(observation.answers) and observation.answers[-1].closes
    if observation.end == "reset" and not (observation.finished and not says_close) and not was_the_last(observation, reading):
        # A client that ends within its own request may be told so by a reset; so may one that goes on behind its own "close".
        found.append(f"(e) the connection was reset behind {[a.status for a in observation.answers]}: {observation.payload[:2000]!r}")
    elif observation.end == "open" and says_close:
        found.append("(e) the last answer said close, and the connection is open")
    elif observation.end == "closed" and not (says_close or observation.finished or was_answered_early(observation, reading)
                                              or is_of_no_version(observation)):
        found.append(f"(e) the connection ended, and nobody had said so: {[a.status for a in observation.answers]}")
    return found


def was_the_last(observation, reading):
    """The client has all answers up to that of the request that it called its last one."""
    finals = [answer for answer in observation.answers if answer.status >= 200]
    return 0 < len(finals) <= len(reading.requests) and reading.requests[len(finals) - 1].last


def was_answered_early(observation, reading):
    finals = [answer for answer in observation.answers if answer.status >= 200]
    return reading.end == "fault" and len(finals) == len(reading.requests) + 1 and not finals[-1].all(b"x-answer")


def framing_is_shared(observation, reading):
    """Beyond the five: what arrives are requests that stand in the payload as the validator reads it, bodies and order the same."""
    standing = iter(reading.requests)
    for _, request in observation.arrived:
        if not any((other.method, other.body) == (request.method, request.body) for other in standing):
            return [f"(+) {request.raw[:500]!r} arrived and does not stand there: {observation.payload[:2000]!r}"]
    return []


def of_sockets(observation, reading):
    """All oracles that need neither the judges nor the log."""
    return [*emission_is_valid(observation), *framing_is_shared(observation, reading), *answers_are_own(observation),
            *fresh_canary_is_answered(observation), *closes_as_it_says(observation, reading)]


def answer_is_as_read(observation, expected):
    """(d) inverted: the bytes of an upstream's answer lead to a 502 of ours, or to exactly the response that the validator reads in
    them, nothing more; `expected` is None where it reads none. The canary behind it gets its own answer.
    """
    found = []
    finals = [answer for answer in observation.answers if answer.status >= 200]
    was_cut = observation.fault.startswith("the answers end within one")
    if observation.fault and not (was_cut and expected is None):
        found.append(f"(d) the client got: {observation.fault}")
    if finals:
        first = finals[0]
        is_ours = first.status in (502, 504)
        if not is_ours and not (expected and (first.status, first.body) == (expected.status, expected.body)):
            found.append(f"(d) the client got {first.raw[:500]!r}, and the validator reads {expected and expected.raw[:500]!r}")
    elif expected is not None and not was_cut:
        found.append(f"(d) the client got nothing, and the validator reads {expected.raw[:500]!r}")
    canaries = [number for number, request in observation.arrived if request.target == CANARY_TARGET]
    given = [int(answer.all(b"x-answer")[0]) if answer.all(b"x-answer") else answer.raw[:500] for answer in finals[1:]]
    if given != canaries:
        found.append(f"(d) behind it the client got {given}, for the canaries {canaries}")
    if observation.end == "open" and not canaries and not observation.fault:
        found.append("(d) the connection is open, and the canary was not answered")
    return found


def none_of(found):
    """The assertion of all runs: no discrepancy."""
    assert not found, f"{len(found)} discrepancies:\n" + "\n".join(sentence[:3000] for sentence in found[:20])
