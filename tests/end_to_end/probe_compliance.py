# SPDX-License-Identifier: Apache-2.0
"""Http11Probe's 76 cases of compliance (github.com/MDA2AV/Http11Probe, MIT, February 2026): facts, written anew."""
import re

from probe_case import (HOST, MAY, MUST, NONE, REJECT, REJECT_OR_PASS, SHOULD, UNFINISHED, WAITS, case, chunked, echoes, get, has, lacks,
                        message, no_interim, post, whole)

REFUSED_METHOD = "400 405 501 closed"
WEBSOCKET = (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13")
UPGRADE = (b"Connection: Upgrade", b"Upgrade: websocket")
HOST_LINE = b"Host: " + HOST + b"\r\n"


def is_fixed_date(answer):
    day = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT"
    assert re.fullmatch(day, answer.message.get("Date")), answer.message.raw


LINES = [
    case("COMP-BASELINE", "", NONE, get(), "2xx", 200),
    case("RFC9112-2.2-BARE-LF-REQUEST-LINE", "9112 2.2", MAY, b"GET / HTTP/1.1\n" + HOST_LINE + b"\r\n", REJECT_OR_PASS, 400, "H1-6"),
    case("RFC9112-2.2-BARE-LF-HEADER", "9112 2.2", MAY, get(host=b"Host: " + HOST + b"\nX-Test: value"), REJECT_OR_PASS, 400, "H1-6"),
    case("RFC9112-5.1-OBS-FOLD", "9112 5.2", MUST, get(b"X-Test: value", b" continued"), "400", 400, "H1-7"),
    case("RFC9110-5.6.2-SP-BEFORE-COLON", "9112 5.1", MUST, get(b"X-Test : value"), "400", 400, "H1-7"),
    case("RFC9112-3-MULTI-SP-REQUEST-LINE", "9112 3", SHOULD, get(target=b" /"), REJECT_OR_PASS, 400, "H1-10"),
    case("RFC9112-7.1-MISSING-HOST", "9112 3.2", MUST, b"GET / HTTP/1.1\r\n\r\n", "400", 400, "H1-9"),
    case("RFC9112-2.3-INVALID-VERSION", "9112 2.3", SHOULD, get(version=b"HTTP/9.9"), "400 505 closed", 505, "H1-11"),
    case("RFC9112-5-EMPTY-HEADER-NAME", "9112 5", MUST, get(b": empty-name"), REJECT, 400, "H1-7"),
    case("RFC9112-3-CR-ONLY-LINE-ENDING", "9112 2.2", MUST, b"GET / HTTP/1.1\r" + HOST_LINE + b"\r\n", "400", 400, "H1-6"),
    case("RFC9112-3-MISSING-TARGET", "9112 3", MUST, b"GET HTTP/1.1\r\n" + HOST_LINE + b"\r\n", REJECT, 400, "H1-10"),
    case("RFC9112-3.2-FRAGMENT-IN-TARGET", "9112 3.2", SHOULD, get(target=b"/path#frag"), REJECT_OR_PASS, 400, "H1-10"),
    case("RFC9112-2.3-HTTP09-REQUEST", "9112 2.3", SHOULD, b"GET /\r\n", UNFINISHED, 400, "H1-10"),
    case("RFC9112-5-INVALID-HEADER-NAME", "9112 5", MUST, get(b"Bad[Name: value"), REJECT, 400, "H1-8"),
    case("RFC9112-5-HEADER-NO-COLON", "9112 5", MUST, get(b"NoColonHere"), REJECT, 400, "H1-7"),
    case("RFC9110-5.4-DUPLICATE-HOST", "9112 3.2", MUST, get(b"Host: other.example.com"), "400", 400, "H1-9"),
    case("RFC9112-6.1-CL-NON-NUMERIC", "9112 6.3", MUST, post(b"Content-Length: abc"), REJECT, 400, "H1-3"),
    case("RFC9112-6.1-CL-PLUS-SIGN", "9112 6.3", MUST, post(b"Content-Length: +5", body=b"hello"), REJECT, 400, "H1-3"),
    case("COMP-WHITESPACE-BEFORE-HEADERS", "9112 2.2", MUST, get(host=b" \r\n" + HOST_LINE[:-2]), REJECT, 400, "H1-7"),
    case("COMP-DUPLICATE-HOST-SAME", "9112 3.2", MUST, get(HOST_LINE[:-2]), "400", 400, "H1-9"),
    case("COMP-HOST-WITH-USERINFO", "9112 3.2", MUST, get(host=b"Host: user@" + HOST), REJECT, 400, "H1-9"),
    case("COMP-HOST-WITH-PATH", "9112 3.2", MUST, get(host=b"Host: " + HOST + b"/path"), REJECT, 400, "H1-9"),
    case("COMP-HOST-EMPTY-VALUE", "9112 3.2", MUST, get(host=b"Host: "), REJECT, 400, "H1-9"),
    case("COMP-ASTERISK-WITH-GET", "9112 3.2.4", MUST, get(target=b"*"), REJECT, 400, "H1-10"),
    case("COMP-OPTIONS-STAR", "9112 3.2.4", MUST, message(b"OPTIONS", b"*"), "2xx", 204, arrives=0),
    case("COMP-LEADING-CRLF", "9112 2.2", SHOULD, b"\r\n\r\n" + get(), REJECT_OR_PASS, 400, "H1-11"),
    case("COMP-ABSOLUTE-FORM", "9112 3.2.2", SHOULD, get(target=b"http://" + HOST + b"/"), "2xx | 400 closed", 200, scored=False),
    case("COMP-REQUEST-LINE-TAB", "9112 3", SHOULD, b"GET\t/ HTTP/1.1\r\n" + HOST_LINE + b"\r\n", REJECT_OR_PASS, 400, "H1-11"),
    case("COMP-VERSION-MISSING-MINOR", "9112 2.3", MUST, get(version=b"HTTP/1"), REJECT, 400, "H1-11"),
    case("COMP-VERSION-LEADING-ZEROS", "9112 2.3", MUST, get(version=b"HTTP/01.01"), REJECT, 400, "H1-11"),
    case("COMP-VERSION-WHITESPACE", "9112 2.3", MUST, get(version=b"HTTP/ 1.1"), REJECT, 400, "H1-11"),
    case("COMP-VERSION-CASE", "9112 2.3", MUST, get(version=b"http/1.1"), REJECT, 400, "H1-11"),
    case("COMP-HTTP12-VERSION", "9112 2.3", MAY, get(version=b"HTTP/1.2"), "closed | 2xx 505", 505, "H1-11", scored=False,
         because="RFC 9110 15.6.6: 505 is the answer to a version that is not spoken; the case passes no answer at all"),
    case("COMP-LONG-URL-OK", "9112 3", SHOULD, get(target=b"/" + b"a" * 7900), "not414 | closed", 200),
    case("COMP-SPACE-IN-TARGET", "9112 3.2", MUST, get(target=b"/pa th"), REJECT, 400, "H1-11"),
]

BODIES = [
    case("COMP-UNKNOWN-TE-501", "9112 6.1", MUST, post(b"Transfer-Encoding: gzip"), "400 501 closed", 501, "H1-2"),
    case("COMP-POST-CL-BODY", "9112 6.2", MUST, post(b"Content-Length: 5", body=b"hello"), "2xx", 200, checks=(echoes(b"hello"),)),
    case("COMP-POST-CL-ZERO", "9112 6.2", MUST, post(b"Content-Length: 0"), "2xx closed", 200),
    case("COMP-POST-NO-CL-NO-TE", "9112 6.3", MUST, post(), "2xx closed", 200),
    case("COMP-POST-CL-UNDERSEND", "9112 6.3", MUST, post(b"Content-Length: 10", body=b"hello"), UNFINISHED, WAITS),
    case("COMP-CHUNKED-BODY", "9112 7.1", MUST, chunked(b"5\r\nhello\r\n0\r\n\r\n"), "2xx", 200, checks=(echoes(b"hello"),)),
    case("COMP-CHUNKED-MULTI", "9112 7.1", MUST, chunked(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), "2xx", 200,
         checks=(echoes(b"hello world"),)),
    case("COMP-CHUNKED-EMPTY", "9112 7.1", MUST, chunked(b"0\r\n\r\n"), "2xx closed", 200),
    case("COMP-CHUNKED-NO-FINAL", "9112 7.1", MUST, chunked(b"5\r\nhello\r\n"), UNFINISHED, WAITS),
    case("COMP-CHUNKED-EXTENSION", "9112 7.1.1", MUST, chunked(b"5;ext=value\r\nhello\r\n0\r\n\r\n"), "2xx | 400 closed", 200,
         checks=(echoes(b"hello"),)),
    case("COMP-CHUNKED-TRAILER-VALID", "9112 7.1.2", MUST, chunked(b"5\r\nhello\r\n0\r\nX-Checksum: abc\r\n\r\n"), "2xx", 200,
         checks=(echoes(b"hello"),)),
    case("COMP-CHUNKED-HEX-UPPERCASE", "9112 7.1", MUST, chunked(b"A\r\nhelloworld\r\n0\r\n\r\n"), "2xx", 200,
         checks=(echoes(b"helloworld"),)),
    case("COMP-GET-WITH-CL-BODY", "9110 9.3.1", MAY, get(b"Content-Length: 5", body=b"hello"), "400 closed | other", 200, scored=False,
         because="RFC 9110 9.3.1: content of a GET is legal, and search engines are asked that way; it is framed and sent on"),
    case("COMP-RANGE-POST", "9110 14.2", MUST, post(b"Content-Length: 5", b"Range: bytes=0-10", body=b"hello"), "2xx", 200,
         checks=(whole, echoes(b"hello"))),
    case("COMP-DUPLICATE-CT", "9110 5.3", SHOULD,
         post(b"Content-Length: 5", b"Content-Type: text/plain", b"Content-Type: text/html", body=b"hello"), REJECT_OR_PASS, 400,
         arrives=1),
    case("COMP-POST-UNSUPPORTED-CT", "9110 15.5.16", MAY,
         post(b"Content-Length: 5", b"Content-Type: application/x-nonsense", body=b"hello"), "2xx 415 | other closed", 200, scored=False),
]

METHODS = [
    case("COMP-METHOD-CASE", "9110 9.1", SHOULD, get(method=b"get"), "400 405 501 closed | 2xx", 501),
    case("COMP-METHOD-CONNECT", "9110 9.3.6", SHOULD,
         b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", REFUSED_METHOD, 405, "H1-11"),
    case("COMP-METHOD-TRACE", "9110 9.3.8", SHOULD, get(method=b"TRACE"), "405 501 closed | 2xx", 405, "H1-11", scored=False),
    case("COMP-TRACE-WITH-BODY", "9110 9.3.8", SHOULD, get(b"Content-Length: 5", method=b"TRACE", body=b"hello"),
         REFUSED_METHOD + " | 2xx", 405, "H1-11", scored=False),
    case("COMP-TRACE-SENSITIVE", "9110 9.3.8", SHOULD, get(b"Authorization: Bearer secret-token-123", method=b"TRACE"),
         "405 501 closed", 405, "H1-11", scored=False),
    case("COMP-UNKNOWN-METHOD", "9110 9.1", SHOULD, get(method=b"FOOBAR"), REFUSED_METHOD + " | 2xx", 501),
    case("COMP-405-ALLOW", "9110 15.5.6", MUST, get(method=b"DELETE"), "405 | other", 405, checks=(has("Allow"),)),
    case("COMP-HEAD-NO-BODY", "9110 9.3.2", MUST, get(method=b"HEAD"), "2xx", 200, checks=(has("Content-Length"), echoes(b""))),
    case("COMP-NO-CL-IN-204", "9110 8.6", MUST, get(method=b"OPTIONS"), "204 | other", 204, checks=(lacks("Content-Length"),)),
    case("COMP-OPTIONS-ALLOW", "9110 9.3.7", SHOULD, get(method=b"OPTIONS"), "2xx", 204, checks=(has("Allow"),)),
]

THE_REST = [
    case("COMP-UPGRADE-POST", "6455 4.1", MUST, post(*UPGRADE, *WEBSOCKET), "not101 closed", 200),
    case("COMP-UPGRADE-MISSING-CONN", "9110 7.8", MUST, get(b"Upgrade: websocket", *WEBSOCKET), "not101 closed", 200),
    case("COMP-UPGRADE-UNKNOWN", "9110 7.8", MUST, get(b"Connection: Upgrade", b"Upgrade: totally-made-up/1.0"), "not101 closed", 200),
    case("COMP-UPGRADE-INVALID-VER", "6455 4.4", MUST, get(*UPGRADE, WEBSOCKET[0], b"Sec-WebSocket-Version: 99"),
         "426 3xx 4xx 5xx closed | 2xx", 426),
    case("COMP-UPGRADE-HTTP10", "9110 7.8", MUST, get(*UPGRADE, *WEBSOCKET, version=b"HTTP/1.0"), "not101 closed", 200),
    case("COMP-EXPECT-UNKNOWN", "9110 10.1.1", MAY, get(b"Expect: 200-ok"), "417 closed | 2xx", 417, "H1-13"),
    case("COMP-NO-1XX-HTTP10", "9110 15.2", MUST,
         post(b"Expect: 100-continue", b"Content-Length: 5", body=b"hello", version=b"HTTP/1.0"), "not1xx closed waits", 200,
         checks=(no_interim, echoes(b"hello"))),
    case("COMP-CONNECTION-CLOSE", "9112 9.6", MUST, get(b"Connection: close"), "2xx+closed", 200),
    case("COMP-HTTP10-DEFAULT-CLOSE", "9112 9.3", SHOULD, get(version=b"HTTP/1.0"), "2xx+closed | 2xx", 200),
    case("COMP-HTTP10-NO-HOST", "9112 3.2", MAY, b"GET / HTTP/1.0\r\n\r\n", REJECT_OR_PASS, 200, scored=False,
         because="RFC 9112 3.2: only HTTP/1.1 must have a Host; without one the rules for any host apply"),
    case("COMP-DATE-HEADER", "9110 6.6.1", MUST, get(), "2xx", 200, checks=(has("Date"),)),
    case("COMP-DATE-FORMAT", "9110 5.6.7", SHOULD, get(), "2xx", 200, checks=(is_fixed_date,), scored=False),
    case("COMP-CONTENT-TYPE", "9110 8.3", SHOULD, get(), "2xx", 200, checks=(has("Content-Type"),)),
    case("COMP-RANGE-INVALID", "9110 14.2", MAY, get(b"Range: bytes=abc-xyz"), "2xx 416 | other closed", 200, checks=(whole,),
         scored=False),
    case("COMP-ACCEPT-NONSENSE", "9110 12.5.1", SHOULD, get(b"Accept: application/x-nonsense"), "406 | 2xx closed", 406, scored=False),
]

COMPLIANCE = LINES + BODIES + METHODS + THE_REST
