# SPDX-License-Identifier: Apache-2.0
"""The validator refuses what RFC 9112 does not allow, and reads the rest."""
import pytest
from validator import Fault, read_requests, take_request, take_response

HEAD = b"POST /a HTTP/1.1\r\nHost: h.test\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

BAD_REQUESTS = {
    "two blanks": b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
    "no version": b"GET /\r\nHost: a\r\n\r\n",
    "version 1.2": b"GET / HTTP/1.2\r\nHost: a\r\n\r\n",
    "empty line first": b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "method": b"G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
    "fragment": b"GET /#a HTTP/1.1\r\nHost: a\r\n\r\n",
    "bare percent": b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
    "asterisk with GET": b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\nA: b\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "host with blank": b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "bare LF": b"GET / HTTP/1.1\nHost: a\n\n",
    "bare LF in a field": HEAD + b"A: b\n\r\n",
    "bare CR in a value": HEAD + b"A: b\rc\r\n\r\n",
    "NUL": HEAD + b"A: \x00\r\n\r\n",
    "fold": HEAD + b"A: b\r\n c\r\n\r\n",
    "blank before the colon": HEAD + b"A : b\r\n\r\n",
    "no name": HEAD + b": b\r\n\r\n",
    "no colon": HEAD + b"A\r\n\r\n",
    "byte above 0x7f in a name": HEAD + b"A\xe9: b\r\n\r\n",
    "length and coding": HEAD + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
    "signed length": HEAD + b"Content-Length: +0\r\n\r\n",
    "empty length": HEAD + b"Content-Length:\r\n\r\n",
    "length beyond 63 bits": HEAD + b"Content-Length: 9223372036854775808\r\n\r\n",
    "two codings": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding list": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "coding on 1.0": b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunk size with 0x": CHUNKED + b"0x1\r\na\r\n0\r\n\r\n",
    "chunk size with a blank": CHUNKED + b"1 \r\na\r\n0\r\n\r\n",
    "chunk size of 17 digits": CHUNKED + b"00000000000000001\r\na\r\n0\r\n\r\n",
    "chunk size empty": CHUNKED + b"\r\n\r\n",
    "chunk extension": CHUNKED + b"1;a\r\nb\r\n0\r\n\r\n",
    "spill": CHUNKED + b"1\r\naX\r\n0\r\n\r\n",
    "spill of one byte": CHUNKED + b"1\r\naX",
    "LF behind data": CHUNKED + b"1\r\na\n0\r\n\r\n",
    "bad trailer": CHUNKED + b"0\r\nA : b\r\n\r\n",
    "framing as a trailer": CHUNKED + b"0\r\nContent-Length: 1\r\n\r\n",
}


@pytest.mark.parametrize("data", BAD_REQUESTS.values(), ids=[name.replace(" ", "-") for name in BAD_REQUESTS])
def test_a_malformed_request_is_a_fault(data):
    with pytest.raises(Fault):
        take_request(data)
    assert read_requests(data).end == "fault"


def test_requests_are_read_one_after_the_other():
    data = (b"GET /a?b HTTP/1.1\r\nHost: h.test:80\r\nA:  b \r\n\r\n" + HEAD + b"Content-Length: 3\r\n\r\nGET" + CHUNKED
            + b"2\r\nab\r\nA\r\n0123456789\r\n0\r\nB: c\r\n\r\n" + b"GET /b HTTP/1.1\r\n")
    reading = read_requests(data)
    assert [(r.method, r.target, r.host, r.body) for r in reading.requests] == [
        (b"GET", b"/a?b", b"h.test:80", b""), (b"POST", b"/a", b"h.test", b"GET"), (b"POST", b"/a", b"h.test", b"ab0123456789")]
    assert reading.requests[0].all(b"a") == [b"b"] and reading.requests[2].trailers == [(b"B", b"c")]
    assert (reading.end, reading.rest) == ("cut", b"GET /b HTTP/1.1\r\n")
    assert b"".join(request.raw for request in reading.requests) + reading.rest == data


@pytest.mark.parametrize("data", [HEAD, HEAD + b"Content-Length: 3\r\n\r\nab", CHUNKED, CHUNKED + b"3\r\nab", CHUNKED + b"2\r\nab\r",
                                  CHUNKED + b"0\r\n", CHUNKED + b"0\r\nA: b\r\n"])
def test_what_is_not_complete_is_neither_a_request_nor_a_fault(data):
    assert take_request(data) is None


@pytest.mark.parametrize("line", [b"1;a\r\n", b"1;a=b;c\r\n", b'1;a="b\\"; c"\r\n'])
def test_the_lenient_reading_lets_chunk_extensions_pass(line):
    request, _ = take_request(CHUNKED + line + b"x\r\n0;z\r\n\r\n", lenient=True)
    assert request.body == b"x"


@pytest.mark.parametrize("data", [b'GET /<"> HTTP/1.1\r\nHost: a\r\n\r\n', b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                                  CHUNKED + b"0\r\nHost: b\r\n\r\n"])
def test_the_lenient_reading_lets_pass_what_a_gateway_may_mend(data):
    assert read_requests(data).end == "fault"
    assert read_requests(data, lenient=True).end == "clean"


@pytest.mark.parametrize("data", [
    b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", b"HTTP/1.1 20 OK\r\n\r\n", b"HTTP/2 200 OK\r\n\r\n", b"HTTP/1.1  200 OK\r\n\r\n",
    b"HTTP/1.1 200 O\x01\r\n\r\n", b"HTTP/1.1 200\r\n\r\n", b"HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"])
def test_a_malformed_response_is_a_fault(data):
    with pytest.raises(Fault):
        take_response(data, b"GET", ended=True)


def test_responses_end_as_their_heads_say():
    rest = b"HTTP/1.1 "
    framed = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    assert take_response(framed + b"ab" + rest, b"GET")[0].body == b"ab"
    assert take_response(framed + rest, b"HEAD")[1] == len(framed)
    assert take_response(framed + b"a", b"GET") is None
    assert take_response(b"HTTP/1.1 304 Not\r\nContent-Length: 2\r\n\r\n", b"GET")[0].body == b""
    chunked = b"HTTP/1.1 200 \r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
    assert take_response(chunked + rest, b"GET")[1] == len(chunked)
    endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc"
    assert take_response(endless, b"GET") is None
    assert take_response(endless, b"GET", ended=True)[0].body == b"abc"
