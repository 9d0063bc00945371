# SPDX-License-Identifier: Apache-2.0
"""The judges themselves: there are enough of them, each reads what it is given, and each tells two requests from one."""
import pytest
from judges import JUDGES, PARSERS
from oracles import Seen
from refusals import MAY_REFUSE, NOT_GIVEN, REASONS
from replay import Emission, Judge, distinct, seen_in
from stage import Part
from validator import read_requests

PLAIN = (b"GET /a/b?c=d HTTP/1.1\r\nHost: h.test\r\nA: b\r\n\r\n"
         b"POST /p HTTP/1.1\r\nHost: h.test:81\r\nContent-Length: 5\r\n\r\nhello"
         b"PUT /q HTTP/1.1\r\nHost: h.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n"
         b"DELETE /d HTTP/1.1\r\nHost: h.test\r\n\r\n"
         b"HEAD /h HTTP/1.1\r\nHost: h.test\r\n\r\n"
         b"OPTIONS /o HTTP/1.1\r\nHost: h.test\r\nContent-Length: 0\r\n\r\n"
         b"PATCH /last HTTP/1.1\r\nHost: h.test\r\nContent-Length: 3\r\n\r\nGET")


def part(data, cut=b""):
    return Part(1, read_requests(data).requests, cut)


def test_there_are_at_least_twelve_parsers():
    assert len(PARSERS) >= 12 and len(PARSERS) == len(JUDGES)


def test_every_reason_of_a_refusal_is_used_by_a_judge():
    used = [reasons for table in (MAY_REFUSE, NOT_GIVEN) for reasons in table.values()]
    assert set().union(*used) == set(REASONS)
    assert set(MAY_REFUSE) | set(NOT_GIVEN) <= set(JUDGES)


@pytest.mark.parametrize("name", JUDGES)
def test_it_sees_every_request_as_it_was_sent(judges, name):
    judge = Judge(name, judges.ports[name])
    assert judge.judge([Emission.of(part(PLAIN))] * 9) == []
    assert judge.understood == 63


@pytest.mark.parametrize("name", JUDGES)
def test_it_sees_them_one_by_one_too(judges, name):
    judge = Judge(name, judges.ports[name])
    assert judge.alone(Emission.of(part(PLAIN))) == []


@pytest.mark.parametrize("name", JUDGES)
def test_a_request_that_nobody_sent_is_found(judges, name):
    """A gateway that takes this for one request, and a judge that reads two in it."""
    smuggling = b"POST /p HTTP/1.1\r\nHost: h.test\r\nContent-Length: 0\r\n\r\nGET /evil HTTP/1.1\r\nHost: h.test\r\n\r\n"
    request = read_requests(smuggling).requests[0]
    found = Judge(name, judges.ports[name]).judge([Emission(smuggling, [request], [seen_in(request)])])
    assert found and "/evil" in found[0], found


@pytest.mark.parametrize("name", JUDGES)
@pytest.mark.parametrize("wrong", [{"method": b"PUT"}, {"target": b"/other"}, {"host": b"other.test"}, {"body": "0" * 40}],
                         ids=lambda wrong: next(iter(wrong)))
def test_a_request_that_it_sees_otherwise_is_found(judges, name, wrong):
    request = read_requests(b"POST /p HTTP/1.1\r\nHost: h.test\r\nContent-Length: 5\r\n\r\nhello").requests[0]
    meant = {"method": b"POST", "target": b"/p", "host": b"h.test", "body": seen_in(request).body} | wrong
    assert Judge(name, judges.ports[name]).judge([Emission(request.raw, [request], [Seen(**meant)])])


@pytest.mark.parametrize("name", JUDGES)
def test_it_makes_no_request_of_one_that_was_cut(judges, name):
    cut = b"POST /cut HTTP/1.1\r\nHost: h.test\r\nContent-Length: 90\r\n\r\nGET /evil HTTP/1.1\r\nHost: h.test\r\n\r\n"
    emission = Emission.of(part(b"GET /a HTTP/1.1\r\nHost: h.test\r\n\r\n", cut))
    assert not emission.whole and emission.cut.target == b"/cut"
    assert Judge(name, judges.ports[name]).judge([emission]) == []


def test_emissions_that_differ_by_their_request_ids_alone_are_one_kind():
    first, second, third = (part(b"GET / HTTP/1.1\r\nHost: h\r\nX-Request-Id: %s\r\n\r\n" % name) for name in (b"a", b"b", b"c"))
    other = part(b"GET / HTTP/1.1\r\nHost: i\r\nX-Request-Id: a\r\n\r\n")
    assert [emission.data for emission in distinct([first, second, other, third])] == [first.data, other.data]
