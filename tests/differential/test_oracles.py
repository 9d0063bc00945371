# SPDX-License-Identifier: Apache-2.0
"""Each oracle finds what it is there for: observations made wrong by hand, and a gateway that only relays bytes."""
import dataclasses

import oracles
import pytest
from garden import PAYLOADS
from oracles import Seen
from relay import Relay
from stage import CANARY, Observation, Part, Stage
from validator import read_requests, take_response
from world import methods_of, needs_an_end

GET = b"GET /a HTTP/1.1\r\nHost: h.test\r\n\r\n"
ONE, TWO = Seen(b"GET", b"/a", b"h", "0"), Seen(b"POST", b"/b", b"h", "1")


def ok(number, *, body=None, closes=False):
    body = b"answer %d" % number if body is None else body
    close = b"Connection: close\r\n" if closes else b""
    head = b"HTTP/1.1 200 OK\r\nX-Answer: %d\r\nContent-Length: %d\r\n%s\r\n" % (number, len(body), close)
    return take_response(head + body, b"GET")[0]


def refusal(closes=True):
    return take_response(b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n%s\r\n" % (b"Connection: close\r\n" if closes else b""), b"GET")[0]


def observed(payload=GET + CANARY, **changes):
    """Two requests, the second the canary, each answered; and the fresh canary."""
    first, second = read_requests(payload).requests
    fresh = Observation(CANARY, False, [(3, second)], [], [ok(3)], "open")
    good = Observation(payload, False, [(1, first), (2, second)], [Part(1, [first, second])], [ok(1), ok(2)], "open", "", fresh)
    return dataclasses.replace(good, **changes)


def said(observation):
    """The letters of the oracles that found something."""
    reading = read_requests(observation.payload, lenient=True)
    return {sentence[1] for sentence in oracles.of_sockets(observation, reading)}


def test_what_is_right_is_found_right():
    assert said(observed()) == set()


@pytest.mark.parametrize("seen", [[], [ONE], [TWO, ONE], [ONE, TWO, ONE], [ONE, dataclasses.replace(TWO, body="2")],
                                  [ONE, dataclasses.replace(TWO, host=b"i")], [ONE, dataclasses.replace(TWO, target=b"/c")]])
def test_a_finds_a_judge_that_sees_other_requests(seen):
    assert oracles.judges_agree([ONE, TWO], None, "judge", seen)
    assert not oracles.judges_agree([ONE, TWO], None, "judge", [ONE, TWO])


def test_a_lets_pass_the_head_of_a_cut_request_and_nothing_else():
    assert not oracles.judges_agree([ONE], TWO, "judge", [ONE, dataclasses.replace(TWO, body="cut")])
    assert oracles.judges_agree([ONE], TWO, "judge", [ONE, dataclasses.replace(TWO, target=b"/evil")])
    assert oracles.judges_agree([ONE], TWO, "judge", [ONE, TWO, TWO])


def line(name, **more):
    return {"request_id": name, "endpoint": "127.0.0.1:1", "status": 200} | more


@pytest.mark.parametrize("lines", [
    [line("1")], [line("1"), line("2"), line("3")], [line("2"), line("1")], [line("1"), line("2"), line("2")],
    [line("1"), line("2", status=400, error="bad_request")], [{"request_id": "1", "status": 200}, line("2")]])
def test_b_finds_a_log_that_tells_otherwise(lines):
    assert oracles.log_agrees(["1", "2"], [], lines)


def test_b_asks_for_what_was_cut_as_well():
    lines = [line("1"), {"request_id": "refused", "status": 400, "error": "bad_request"}, line("2"),
             line("3", status=400, error="bad_request"), line("4", status=502, error="upstream_malformed")]
    assert not oracles.log_agrees(["1", "2", "4"], ["3"], lines)
    assert oracles.log_agrees(["1", "2", "4"], ["3", "5"], lines)
    assert oracles.log_agrees(["1", "2", "4"], ["2"], lines)


def test_c_finds_a_part_that_is_no_request():
    assert said(observed(parts=[Part(1, [], b"GET / HTTP/1.1\n", "an LF without CR")])) == {"c"}


@pytest.mark.parametrize("changes", [
    {"answers": [ok(2), ok(1)]}, {"answers": [ok(1)]}, {"answers": [ok(1), ok(2), ok(2)]}, {"answers": [ok(1, body=b"answer 9"), ok(2)]},
    {"fault": "no status line"}, {"arrived": [(1, read_requests(GET).requests[0])], "answers": [ok(1)]}])
def test_d_finds_an_answer_that_is_not_ones_own(changes):
    assert said(observed(**changes)) == {"d"}


@pytest.mark.parametrize("changes", [{"end": "closed"}, {"answers": [refusal()]}, {"answers": []}, {"answers": [ok(2)]},
                                     {"arrived": [(3, read_requests(GET).requests[0])]}])
def test_d_finds_a_fresh_canary_without_its_own_answer(changes):
    good = observed()
    assert said(dataclasses.replace(good, fresh=dataclasses.replace(good.fresh, **changes))) == {"d"}


@pytest.mark.parametrize("changes", [
    {"end": "closed"}, {"end": "reset"}, {"answers": [ok(1), ok(2, closes=True)]}, {"answers": [ok(1, closes=True), ok(2)]},
    {"answers": [ok(1), ok(2, closes=True)], "end": "reset", "finished": True}])
def test_e_finds_an_end_that_nobody_announced_and_one_that_does_not_come(changes):
    assert said(observed(**changes)) == {"e"}


def test_e_lets_a_client_that_went_on_behind_its_own_close_be_reset():
    closing = b"GET /a HTTP/1.1\r\nHost: h.test\r\nConnection: close\r\n\r\n"
    first = read_requests(closing).requests[0]
    seen = {"arrived": [(1, first)], "parts": [Part(1, [first])], "end": "reset"}
    assert said(observed(closing + CANARY, answers=[ok(1, closes=True)], **seen)) == set()
    assert said(observed(GET + CANARY, answers=[ok(1, closes=True)], **seen)) == {"e"}


def test_e_lets_a_client_that_ended_within_its_request_be_reset():
    assert said(observed(end="reset", finished=True)) == set()


def test_e_lets_an_answer_come_before_a_body_that_turns_out_malformed():
    options = b"OPTIONS * HTTP/1.1\r\nHost: h.test\r\nTransfer-Encoding: chunked\r\n\r\nworse\r\n"
    early = dataclasses.replace(observed(), payload=options, arrived=[], parts=[], answers=[refusal(closes=False)], end="closed")
    assert said(early) == set()
    assert said(dataclasses.replace(early, payload=GET + options)) == {"e"}


def test_a_request_that_does_not_stand_in_the_payload_is_found():
    other, canary = read_requests(b"GET /a HTTP/1.1\r\nHost: h.test\r\nContent-Length: 1\r\n\r\nX" + CANARY).requests
    assert said(observed(arrived=[(1, other), (2, canary)])) == {"+"}


RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.parametrize(("answers", "read"), [
    ([take_response(RESPONSE, b"GET")[0], ok(2)], None),
    ([take_response(RESPONSE.replace(b"hello", b"jello"), b"GET")[0], ok(2)], RESPONSE),
    ([take_response(RESPONSE, b"GET")[0], take_response(RESPONSE, b"GET")[0]], RESPONSE),
    ([take_response(RESPONSE, b"GET")[0], ok(1)], RESPONSE),
    ([], RESPONSE)])
def test_d_finds_an_answer_that_is_not_in_the_upstream_s_bytes(answers, read):
    expected = take_response(read, b"GET")[0] if read else None
    assert oracles.answer_is_as_read(observed(answers=answers), expected)
    assert not oracles.answer_is_as_read(observed(answers=[take_response(RESPONSE, b"GET")[0], ok(2)]), take_response(RESPONSE, b"GET")[0])


@pytest.fixture
def stage():
    with Stage() as made:
        yield made


def through(stage, relay, payload):
    stage.gateway = relay.address
    data = payload + CANARY
    reading = read_requests(data, lenient=True)
    return stage.play(data, methods_of(reading), finish=needs_an_end(reading))


# These are well-formed up to where the relay's origin answers, if odd.
WELL_FORMED = {"S32", "S39", "S41", "S45", "S48", "P21"}
FOOLED = [name for name in PAYLOADS if name[0] in "SP" and name.split()[0] not in WELL_FORMED]


@pytest.mark.parametrize("name", FOOLED, ids=lambda name: name.split()[0])
def test_a_relay_sends_on_what_the_validator_refuses(stage, name):
    with Relay(("127.0.0.1", stage.port)) as relay:
        seen = through(stage, relay, PAYLOADS[name])
    assert oracles.emission_is_valid(seen), seen


def test_a_relay_that_lets_answers_slip_is_found(stage):
    held = []

    def spoil(data):
        held.append(data)
        return held[0]

    with Relay(("127.0.0.1", stage.port), spoil=spoil) as relay:
        seen = through(stage, relay, b"")
    assert any(sentence.startswith("(d)") for sentence in oracles.fresh_canary_is_answered(seen))


def test_a_relay_that_sends_on_another_request_is_found(stage):
    with Relay(("127.0.0.1", stage.port), damage=lambda data: data.replace(b"POST", b"PUT")) as relay:
        seen = through(stage, relay, b"POST /a HTTP/1.1\r\nHost: h.test\r\nContent-Length: 0\r\n\r\n")
    assert oracles.framing_is_shared(seen, read_requests(seen.payload))
