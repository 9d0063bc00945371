# SPDX-License-Identifier: Apache-2.0
"""Http11Probe's 26 cases of malformed input, 5 of names that a server might normalise and 12 of cookies
(github.com/MDA2AV/Http11Probe, MIT, February 2026): facts, written anew.
"""
import hashlib

from probe_case import (MAY, MUST, NONE, REJECT, REJECT_OR_PASS, SHOULD, UNFINISHED, WAITS, case, chunked, echoes, get, never_says,
                        post, says)

TOO_LONG = "400 431 closed"
LARGE = {"rule": "H1-15", "may_be_lost": True}
# 256 bytes without order, the same in each run.
GARBAGE = b"".join(hashlib.sha256(b"garbage %d" % number).digest() for number in range(8))
ANY_STATUS = "400 closed | 2xx 3xx 4xx"

MALFORMED = [
    case("MAL-BINARY-GARBAGE", "9112 3", SHOULD, GARBAGE, UNFINISHED, 400, "H1-11"),
    case("MAL-LONG-URL", "9112 3", SHOULD, get(target=b"/" + b"A" * 100_000), "400 414 431 closed", 414, **LARGE),
    case("MAL-LONG-HEADER-VALUE", "6585 5", SHOULD, get(b"X-Big: " + b"B" * 100_000), TOO_LONG, 431, **LARGE),
    case("MAL-MANY-HEADERS", "6585 5", NONE, get(*(b"X-H-%d: value" % number for number in range(10_000))), TOO_LONG, 431, **LARGE),
    case("MAL-NUL-IN-URL", "9112 3.2", MUST, get(target=b"/\x00test"), REJECT, 400, "H1-10"),
    case("MAL-CONTROL-CHARS-HEADER", "9110 5.5", MUST, get(b"X-Test: abc\x07\x08\x0bdef"), REJECT, 400, "H1-6"),
    case("MAL-INCOMPLETE-REQUEST", "9112 2.1", NONE, get(b"X-Test: value")[:-4], UNFINISHED, WAITS),
    case("MAL-EMPTY-REQUEST", "9112 2.1", NONE, b"", UNFINISHED, WAITS),
    case("MAL-LONG-HEADER-NAME", "6585 5", SHOULD, get(b"A" * 100_000 + b": val"), TOO_LONG, 431, **LARGE),
    case("MAL-LONG-METHOD", "9112 3", SHOULD, get(method=b"A" * 100_000), REJECT, 400, "H1-11", may_be_lost=True),
    case("MAL-NON-ASCII-HEADER-NAME", "9110 5.1", MUST, get(b"X-T\xc3\xabst: value"), REJECT, 400, "H1-8"),
    case("MAL-NON-ASCII-URL", "9112 3.2", MUST, get(target=b"/caf\xc3\xa9"), REJECT, 400, "H1-10"),
    case("MAL-CL-OVERFLOW", "9110 8.6", MUST, post(b"Content-Length: 99999999999999999999"), REJECT, 400, "H1-3"),
    case("MAL-WHITESPACE-ONLY-LINE", "9112 2.2", NONE, b"   \r\n\r\n", UNFINISHED, 400, "H1-11"),
    case("MAL-NUL-IN-HEADER-VALUE", "9110 5.5", MUST, get(b"X-Test: val\x00ue"), REJECT, 400, "H1-6"),
    case("MAL-CHUNK-SIZE-OVERFLOW", "9112 7.1", MUST, chunked(b"FFFFFFFFFFFFFFFF0\r\nhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("MAL-H2-PREFACE", "9113 3.4", NONE, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 505 closed waits", WAITS),
    case("MAL-CL-EMPTY", "9110 8.6", MUST, post(b"Content-Length: "), REJECT, 400, "H1-3"),
    case("MAL-CL-TAB-BEFORE-VALUE", "9110 5.5", MAY, post(b"Content-Length:\t5", body=b"hello"), REJECT_OR_PASS, 200,
         because="RFC 9110 5.5: blanks around a value are not part of it; the origin gets it without them", checks=(echoes(b"hello"),)),
    case("MAL-URL-BACKSLASH", "3986 3.3", SHOULD, get(target=b"/path\\file"), ANY_STATUS, 400, "H1-20"),
    case("MAL-URL-OVERLONG-UTF8", "9112 3.2", MUST, get(target=b"/\xc0\xaf"), REJECT, 400, "H1-10"),
    case("MAL-URL-PERCENT-NULL", "3986 7.3", NONE, get(target=b"/path%00.html"), ANY_STATUS, 400, "H1-20"),
    case("MAL-URL-PERCENT-CRLF", "3986 2.1", NONE, get(target=b"/path%0d%0aX-Injected:%20true"), ANY_STATUS, 200,
         because="RFC 3986 2.1: a triplet is data; it is never decoded and goes on as %0D%0A (H1-20), so that it cannot end a line",
         checks=(echoes(b"/path%0D%0AX-Injected:%20true"),)),
    case("MAL-CHUNK-EXT-64K", "9112 7.1.1", NONE, chunked(b"5;ext=" + b"a" * 65_536 + b"\r\nhello\r\n0\r\n\r\n"), "400 431 closed | 2xx",
         400, "H1-5", may_be_lost=True),
    case("MAL-RANGE-OVERLAPPING", "9110 14.2", NONE, get(b"Range: bytes=" + b",".join([b"0-"] * 1000)), "closed | 200 206 400 416 431", 200,
         scored=False, because="RFC 9110 14.2: the origin may ignore a Range, and this one does; the case passes no answer at all"),
    case("MAL-POST-CL-HUGE-NO-BODY", "9112 6.3", MUST, post(b"Content-Length: 999999999"), UNFINISHED, WAITS),
]


def named(line):
    return post(b"Content-Length: 11", line, target=b"/echo", body=b"hello world")


# Refused or not sent on: what arrives under either spelling would be a failure or a warning.
NAMES = "400 closed 2xx"
NORMALISATION = [
    case("NORM-UNDERSCORE-CL", "", NONE, named(b"Content_Length: 99"), NAMES, 200, checks=(never_says(b"_length"), never_says(b": 99"))),
    case("NORM-SP-BEFORE-COLON-CL", "9112 5.1", MUST, named(b"Content-Length : 5"), NAMES, 400, "H1-7"),
    case("NORM-TAB-IN-NAME", "9110 5.1", MUST, named(b"Content\tLength: 99"), NAMES, 400, "H1-7"),
    case("NORM-CASE-TE", "9112 6.1", NONE, named(b"TRANSFER-ENCODING: chunked"), NAMES, 400, "H1-1", scored=False),
    case("NORM-UNDERSCORE-TE", "", NONE, named(b"Transfer_Encoding: chunked"), NAMES, 200, checks=(never_says(b"chunked"),)),
]


def cookie(*values, target=b"/echo"):
    return get(*(b"Cookie: " + value for value in values), target=target)


PAIRS = [b"k%d=v%d" % (number, number) for number in range(1000)]


def cookie_case(name, data, allows, ours, rule="", **more):
    return case(name, "6265 5.4", NONE, data, allows, ours, rule, scored=False, **more)


COOKIES = [
    cookie_case("COOK-ECHO", cookie(b"foo=bar"), "2xx | closed", 200, checks=(says(b"Cookie: foo=bar\n"),)),
    cookie_case("COOK-OVERSIZED", cookie(b"big=" + b"A" * 65_536), "400 431 2xx closed", 431, **LARGE),
    cookie_case("COOK-EMPTY", cookie(b""), "2xx 400 closed", 200),
    cookie_case("COOK-NUL", cookie(b"foo=\x00bar"), "400 closed", 400, "H1-6"),
    cookie_case("COOK-CONTROL-CHARS", cookie(b"foo=\x01\x02\x03"), "400 closed", 400, "H1-6"),
    cookie_case("COOK-MANY-PAIRS", cookie(b"; ".join(PAIRS)), "2xx 400 431 closed", 200, checks=(says(b"; ".join(PAIRS)),)),
    cookie_case("COOK-MALFORMED", cookie(b"===;;;"), "2xx 400 closed", 200, checks=(says(b"Cookie: ===;;;\n"),)),
    cookie_case("COOK-MULTI-HEADER", cookie(b"a=1", b"b=2"), "2xx | 400 closed", 200, checks=(says(b"a=1", b"b=2"),)),
    cookie_case("COOK-PARSED-BASIC", cookie(b"foo=bar", target=b"/cookie"), "2xx | 404 400 closed", 200, checks=(echoes(b"foo=bar\n"),)),
    cookie_case("COOK-PARSED-MULTI", cookie(b"a=1; b=2; c=3", target=b"/cookie"), "2xx | 404 400 closed", 200,
                checks=(echoes(b"a=1\nb=2\nc=3\n"),)),
    cookie_case("COOK-PARSED-EMPTY-VAL", cookie(b"foo=", target=b"/cookie"), "2xx 400 | 404 closed", 200, checks=(echoes(b"foo=\n"),)),
    cookie_case("COOK-PARSED-SPECIAL", cookie(b"a=hello world; b=x=y", target=b"/cookie"), "2xx 400 | 404 closed", 200,
                checks=(echoes(b"a=hello world\nb=x=y\n"),)),
]
