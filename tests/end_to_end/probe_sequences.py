# SPDX-License-Identifier: Apache-2.0
"""Http11Probe's sequences (github.com/MDA2AV/Http11Probe, MIT, February 2026), facts written anew: 23 of smuggling, where a second
request follows on the same connection, or hides in the first; and 9 of capabilities, where it asks with the validators of the first.

A step is played only while the connection stays. The answers of steps that were not played are None.
"""
from probe_case import HOST, MAY, MUST, NONE, SHOULD, chunked, get, message, post, sequence

CHUNKED = b"Transfer-Encoding: chunked"
GET = get()
HIDDEN = b"0\r\n\r\n" + GET


def ends(answers, statuses=(400,)):
    """The first request is refused, or its connection ends; a second answer to it would be found by the runner."""
    first = answers[0]
    if first.message is None:
        return first.closed
    return first.status in statuses or first.closed


def must_end(answers):
    return "pass" if ends(answers) else "fail"


def is_success(answer):
    return answer is not None and answer.message is not None and 200 <= answer.status < 300


def follow_up_unharmed(answers):
    """What was left of the first request did not become a part of the second."""
    if ends(answers, (400, 417)) or (is_success(answers[0]) and is_success(answers[1])):
        return "pass"
    return "warn" if is_success(answers[0]) else "fail"


def nothing_left_over(answers):
    return "pass" if ends(answers) else "warn" if is_success(answers[0]) else "fail"


def both_succeed(answers):
    if not is_success(answers[0]):
        return "fail"
    return "pass" if is_success(answers[1]) else "warn"


def ended(name, rfc, first, rule):
    """Refused with 400, and nothing that follows is read."""
    return sequence(name, rfc, MUST, [first, GET], must_end, [400, None], rule)


def hiding(name, rfc, *lines, body=HIDDEN, rule="H1-1"):
    """A request within the body; LENGTH stands for its length."""
    size = str(len(body)).encode()
    return sequence(name, rfc, MUST, [post(*(line.replace(b"LENGTH", size) for line in lines), body=body)], must_end, [400], rule)


def chunk_of_a_request():
    """(chunked body, size of the first size line): a reading by length sees a request behind that line."""
    inner = get(b"Content-Length: 7")
    size = b"%x\r\n" % len(inner)
    return size + inner + b"\r\n0\r\n\r\n", len(size)


TECL_BODY, TECL_LENGTH = chunk_of_a_request()
START = b"GET / HTTP/1.1\r\nHost: " + HOST + b"\r\n"
KEPT = {"scored": False, "arrives": 2}

SMUGGLING_SEQUENCES = [
    ended("SMUG-CLTE-CONN-CLOSE", "9112 6.1", post(b"Content-Length: 5", CHUNKED, body=b"0\r\n\r\n"), "H1-1"),
    ended("SMUG-TECL-CONN-CLOSE", "9112 6.1", post(CHUNKED, b"Content-Length: 5", body=b"0\r\n\r\n"), "H1-1"),
    ended("SMUG-CLTE-DESYNC", "9112 6.1", post(b"Content-Length: 6", CHUNKED, body=b"0\r\n\r\nX"), "H1-1"),
    ended("SMUG-TECL-DESYNC", "9112 6.1", post(CHUNKED, b"Content-Length: 30", body=b"0\r\n\r\nX"), "H1-1"),
    hiding("SMUG-CLTE-SMUGGLED-GET", "9112 6.1", b"Content-Length: LENGTH", CHUNKED),
    hiding("SMUG-CLTE-SMUGGLED-GET-CL-PLUS", "9112 6.1", b"Content-Length: +LENGTH", CHUNKED, rule="H1-3"),
    hiding("SMUG-CLTE-SMUGGLED-GET-CL-NON-NUMERIC", "9112 6.1", b"Content-Length: LENGTHx", CHUNKED, rule="H1-3"),
    hiding("SMUG-CLTE-SMUGGLED-GET-TE-OBS-FOLD", "9112 5.2", b"Transfer-Encoding:\r\n chunked", b"Content-Length: LENGTH", rule="H1-2"),
    hiding("SMUG-CLTE-SMUGGLED-HEAD", "9112 6.1", b"Content-Length: LENGTH", CHUNKED, body=b"0\r\n\r\n" + get(method=b"HEAD")),
    hiding("SMUG-CLTE-SMUGGLED-GET-TE-TRAILING-SPACE", "9112 6.1", b"Content-Length: LENGTH", CHUNKED + b" "),
    hiding("SMUG-CLTE-SMUGGLED-GET-TE-LEADING-COMMA", "9112 6.1", b"Content-Length: LENGTH", b"Transfer-Encoding: , chunked", rule="H1-1"),
    hiding("SMUG-CLTE-SMUGGLED-GET-TE-CASE-MISMATCH", "9112 6.1", b"Content-Length: LENGTH", b"Transfer-Encoding: Chunked"),
    hiding("SMUG-TE-DUPLICATE-HEADERS-SMUGGLED-GET", "9112 6.1", CHUNKED, b"Transfer-Encoding: identity", b"Content-Length: LENGTH",
           rule="H1-2"),
    hiding("SMUG-TECL-SMUGGLED-GET", "9112 6.1", CHUNKED, b"Content-Length: %d" % TECL_LENGTH, body=TECL_BODY),
    hiding("SMUG-DUPLICATE-CL-SMUGGLED-GET", "9110 8.6", b"Content-Length: 4", b"Content-Length: LENGTH", body=b"PING" + GET, rule="H1-3"),
    sequence("SMUG-GET-CL-PREFIX-DESYNC", "9110 9.3.1", MAY, [get(b"Content-Length: %d" % len(START), body=START), b"\r\n" + GET],
             follow_up_unharmed, [200, 200], **KEPT),
    sequence("SMUG-CL0-BODY-POISON", "9112 6.2", NONE, [post(b"Content-Length: 0", body=b"X"), GET], nothing_left_over, [200, 501],
             because="RFC 9112 9.3.2: what follows a complete request is the next one, for the origin too, which gets an XGET", **KEPT),
    sequence("SMUG-GET-CL-BODY-DESYNC", "9110 9.3.1", MAY, [get(b"Content-Length: 5", body=b"hello"), GET], follow_up_unharmed, [200, 200],
             **KEPT),
    sequence("SMUG-OPTIONS-CL-BODY-DESYNC", "9110 9.3.7", NONE, [message(b"OPTIONS", b"/", b"Content-Length: 5", body=b"hello"), GET],
             follow_up_unharmed, [204, 200], **KEPT),
    sequence("SMUG-EXPECT-100-CL-DESYNC", "9110 10.1.1", NONE, [post(b"Content-Length: 5", b"Expect: 100-continue", body=b"hello"), GET],
             follow_up_unharmed, [200, 200], **KEPT),
    ended("SMUG-OPTIONS-TE-OBS-FOLD", "9112 5.2",
          message(b"OPTIONS", b"/", b"Transfer-Encoding:\r\n chunked", b"Content-Length: 5", body=b"hello"), "H1-2"),
    ended("SMUG-CHUNK-INVALID-SIZE-DESYNC", "9112 7.1", chunked(b"+0\r\n\r\nX"), "H1-5"),
    sequence("SMUG-PIPELINE-SAFE", "9112 9.3", SHOULD, [GET, GET], both_succeed, [200, 200], **KEPT),
]


def second_is(*statuses):
    """Any other success of the second step is a warning, and so is a 304 where a 200 is wanted."""

    def judged(answers):
        if not is_success(answers[0]):
            return "fail"
        if answers[1].status in statuses:
            return "pass"
        return "warn" if is_success(answers[1]) or answers[1].status == 304 else "fail"

    return judged


def tagged_304(answers):
    judged = second_is(304)(answers)
    return "warn" if judged == "pass" and not answers[1].message.get("ETag") else judged


def asked_with(*lines):
    """The second step's fields; TAG, BARE and MODIFIED stand for the first answer's validators."""

    def step(answers):
        tag, date = answers[0].message.get("ETag").encode(), answers[0].message.get("Last-Modified").encode()
        return get(*(line.replace(b"TAG", tag).replace(b"BARE", tag.strip(b'"')).replace(b"MODIFIED", date) for line in lines))

    return step


def capability(name, rfc, judged, ours, *lines):
    return sequence(name, rfc, SHOULD, [get(b"Connection: keep-alive"), asked_with(*lines)], judged, [200, ours], scored=False)


CAPABILITIES = [
    capability("CAP-ETAG-304", "9110 13.1.2", second_is(304), 304, b"If-None-Match: TAG"),
    capability("CAP-LAST-MODIFIED-304", "9110 13.1.3", second_is(304), 304, b"If-Modified-Since: MODIFIED"),
    capability("CAP-ETAG-IN-304", "9110 15.4.5", tagged_304, 304, b"If-None-Match: TAG"),
    capability("CAP-INM-PRECEDENCE", "9110 13.1.2", second_is(304), 304, b"If-None-Match: TAG",
               b"If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"),
    capability("CAP-INM-WILDCARD", "9110 13.1.2", second_is(304), 304, b"If-None-Match: *"),
    capability("CAP-IMS-FUTURE", "9110 13.1.3", second_is(200), 200, b"If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT"),
    capability("CAP-IMS-INVALID", "9110 13.1.3", second_is(200), 200, b"If-Modified-Since: not-a-date"),
    capability("CAP-INM-UNQUOTED", "9110 8.8.3", second_is(200), 200, b"If-None-Match: BARE"),
    capability("CAP-ETAG-WEAK", "9110 13.1.2", second_is(304), 304, b"If-None-Match: W/TAG"),
]
