# SPDX-License-Identifier: Apache-2.0
"""Http11Probe's 215 cases, by raw socket through the gateway to a small origin: each has the answer that is written beside it, and
that answer is one that the case passes. Where it is one that the case warns of, a reason stands there. After each case the origin has
got just the requests that it should, each of which reads strictly, and a connection that stays still gives each answer to its request.
"""
import pathlib
import select

import pytest
from folder import Folder, ingress, path, rule, served
from gateway import Gateway
from probe_case import HOST, WAITS, Answer, get, verdict
from probe_compliance import COMPLIANCE
from probe_malformed import COOKIES, MALFORMED, NORMALISATION
from probe_origin import Origin
from probe_sequences import CAPABILITIES, SMUGGLING_SEQUENCES
from probe_smuggling import SMUGGLING
from raw_client import Client, Ended, once

SUITES = {"compliance": COMPLIANCE, "smuggling": SMUGGLING + SMUGGLING_SEQUENCES, "malformed": MALFORMED, "normalisation": NORMALISATION,
          "cookies": COOKIES, "capabilities": CAPABILITIES}
CASES = [one for suite in SUITES.values() for one in suite]
PAGE = pathlib.Path(__file__).parents[2] / "docs" / "http1-verdicts.md"
# Those that the case warns of, and therefore have a reason, by suite.
WARNED = {"compliance": 3, "smuggling": 15, "malformed": 3}


@pytest.fixture(scope="module")
def origin():
    one = Origin()
    yield one
    one.close()


@pytest.fixture(scope="module")
def gateway(origin, tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("probe"))
    folder.write("web.yaml", *served("origin", origin.port), ingress("web", rule(None, path("/", "origin"))))
    with Gateway(folder) as one:
        yield one


def after_everything(gateway):
    """An answer to a later request of another client: the one worker has done what came before it."""
    assert once(gateway.address, get(target=b"/marker")).status == 200


def read_answer(client, data):
    answer = Answer()
    try:
        response = client.read_response("HEAD" if data.startswith(b"HEAD ") else "GET")
        while response.status < 200 and response.status != 101:
            answer.interims.append(response)
            response = client.read_response("GET")
        answer.message = response
    except Ended:
        assert client.unread == b"", client.unread
    if answer.message is None or answer.message.closes:
        answer.closed = True
        client.expect_end()
    return answer


def expect_silence(gateway, client, data):
    """Nothing is said of half a request. When no more of it can come its connection ends, without an answer.

    To the preface of HTTP/2 our own is said, which answers nothing.
    """
    after_everything(gateway)
    if data.startswith(b"PRI * HTTP/2.0\r\n"):
        assert client.take(9)[3] == 4, "no SETTINGS"
        return Answer()
    if select.select([client.socket], [], [], 0)[0]:
        return read_answer(client, b"")
    client.shutdown_write()
    client.expect_end()
    return Answer()


def play(one, gateway, client):
    answers = []
    for step, ours in zip(one.steps, one.ours, strict=True):
        if answers and (answers[-1] is None or answers[-1].closed):
            answers.append(None)
            continue
        data = step(answers) if callable(step) else step
        try:
            client.send(data)
        except ConnectionError:
            assert one.may_be_lost
        answers.append(expect_silence(gateway, client, data) if ours == WAITS else read_answer(client, data))
    return answers


def status_of(answer):
    if answer is None:
        return None
    return answer.status if answer.message or answer.closed else WAITS


def check_answers(one, answers):
    statuses = [status_of(answer) for answer in answers]
    lost = one.may_be_lost and statuses == [None]
    assert statuses == one.ours or lost, [answer and answer.message and answer.message.raw for answer in answers]
    assert verdict(one, answers) == ("warn" if one.because else "pass")
    if one.rule and not lost:
        assert f"({one.rule})".encode() in answers[0].message.body and answers[0].closed, answers[0].message.raw
    for check in one.checks:
        check(answers[-1])


def check_arrival(request):
    """It was read strictly already. No field of the cases that should not go on is in it."""
    assert all("_" not in name for name in request.names), request.raw
    assert [name for name, _ in request.trailers] in ([], ["X-Checksum"]), request.raw
    assert request.get("Host") in (HOST.decode(), "127.0.0.1"), request.raw  # of a request without one: where it came to


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_case(gateway, origin, one):
    origin.take()
    with Client(gateway.address) as client:
        answers = play(one, gateway, client)
        check_answers(one, answers)
        if answers[-1] and answers[-1].message and not answers[-1].closed:
            assert client.ask(get(target=b"/canary")).body == b"/canary"
    after_everything(gateway)
    requests, faults = origin.take()
    assert faults == []
    arrived = [request for request in requests if request.target not in ("/canary", "/marker")]
    assert len(arrived) == one.arrives
    for request in arrived:
        check_arrival(request)


def test_all_215_are_there():
    assert {name: len(suite) for name, suite in SUITES.items()} == {
        "compliance": 76, "smuggling": 87, "malformed": 26, "normalisation": 5, "cookies": 12, "capabilities": 9}
    assert len({one.id for one in CASES}) == 215


def test_strictness_is_what_is_written():
    counted = {name: sum(bool(one.because) for one in suite) for name, suite in SUITES.items()}
    assert {name: count for name, count in counted.items() if count} == WARNED


@pytest.mark.parametrize("one", [one for one in CASES if one.because], ids=lambda one: one.id)
def test_each_reason_stands_in_the_document(one):
    assert any(one.id in line and one.because in line for line in PAGE.read_text().splitlines())
