# SPDX-License-Identifier: Apache-2.0
"""Http11Probe's 64 cases of smuggling that are one request each (github.com/MDA2AV/Http11Probe, MIT, February 2026): facts, written
anew. The sequences are in probe_sequences.py.
"""
from probe_case import HOST, MAY, MUST, OUGHT, REJECT, REJECT_OR_PASS, SHOULD, case, chunked, echoes, get, message, never_says, post

CODED = "400 501 closed"
LENGTH, CHUNKED = b"Content-Length: 5", b"Transfer-Encoding: chunked"
PARSED = "RFC 9110 8.6: it is digits and so a length; the origin gets it as plain decimal, which has one reading (H1-3)"
BLANKS = "RFC 9110 5.5: blanks around a value are not part of it; the origin gets it without them"
TRAILER = "RFC 9110 6.5.1: a trailer that may not be one is ignored; the origin does not get it"
BODY = "RFC 9110 9.3: content is legal with this method; it is framed and sent on, and nothing of it is left on the connection"


def length(value, body=b"hello"):
    return post(b"Content-Length: " + value, body=body)


def coding(value, body=b"hello"):
    """With a length beside it, as most of these cases have."""
    return post(b"Transfer-Encoding:" + value, LENGTH, body=body)


def trailer(line):
    return chunked(b"5\r\nhello\r\n0\r\n" + line + b"\r\n\r\n")


LENGTHS = [
    case("SMUG-DUPLICATE-CL", "9110 8.6", MUST, post(LENGTH, b"Content-Length: 10", body=b"helloworld"), REJECT, 400, "H1-3"),
    case("SMUG-CL-LEADING-ZEROS", "9110 8.6", SHOULD, length(b"005"), REJECT_OR_PASS, 200, because=PARSED, checks=(echoes(b"hello"),)),
    case("SMUG-CL-NEGATIVE", "9110 8.6", MUST, length(b"-1", b""), REJECT, 400, "H1-3"),
    case("SMUG-CL-TRAILING-SPACE", "9110 5.5", SHOULD, length(b"5 "), REJECT_OR_PASS, 200, because=BLANKS, checks=(echoes(b"hello"),)),
    case("SMUG-CL-EXTRA-LEADING-SP", "9110 5.5", SHOULD, length(b" 5"), REJECT_OR_PASS, 200, because=BLANKS, checks=(echoes(b"hello"),)),
    case("SMUG-CL-COMMA-DIFFERENT", "9110 8.6", MUST, length(b"5, 10"), REJECT, 400, "H1-3"),
    case("SMUG-CL-OCTAL", "9110 8.6", MUST, length(b"0o5"), REJECT, 400, "H1-3"),
    case("SMUG-CL-HEX-PREFIX", "9110 8.6", MUST, length(b"0x5"), REJECT, 400, "H1-3"),
    case("SMUG-CL-INTERNAL-SPACE", "9110 8.6", MUST, length(b"1 0", b"hello12345"), REJECT, 400, "H1-3"),
    case("SMUG-CL-COMMA-SAME", "9110 8.6", MUST, length(b"5, 5"), REJECT_OR_PASS, 400, "H1-3", scored=False),
    case("SMUG-CL-COMMA-TRIPLE", "9110 8.6", MUST, length(b"5, 5, 5"), REJECT_OR_PASS, 400, "H1-3", scored=False),
    case("SMUG-CL-UNDERSCORE", "9110 8.6", MUST, length(b"1_0", b"helloworld"), REJECT, 400, "H1-3"),
    case("SMUG-CL-NEGATIVE-ZERO", "9110 8.6", MUST, length(b"-0", b""), REJECT, 400, "H1-3"),
    case("SMUG-CL-DOUBLE-ZERO", "9110 8.6", SHOULD, length(b"00", b""), REJECT_OR_PASS, 200, because=PARSED, checks=(echoes(b""),)),
    case("SMUG-CL-LEADING-ZEROS-OCTAL", "9110 8.6", SHOULD, length(b"0200", b"A" * 200), REJECT_OR_PASS, 200, because=PARSED,
         checks=(echoes(b"A" * 200),)),
]

CODINGS = [
    case("SMUG-CL-TE-BOTH", "9112 6.1", OUGHT, post(b"Content-Length: 23", CHUNKED, body=b"D\r\nhello-bananas\r\n0\r\n\r\n"),
         REJECT_OR_PASS, 400, "H1-1"),
    case("SMUG-CLTE-PIPELINE", "9112 6.1", MAY, post(b"Content-Length: 4", CHUNKED, body=b"0\r\n\r\n"), REJECT_OR_PASS, 400, "H1-1"),
    case("SMUG-TECL-PIPELINE", "9112 6.1", MAY, post(CHUNKED, b"Content-Length: 30", body=b"0\r\n\r\n"), REJECT_OR_PASS, 400, "H1-1"),
    case("SMUG-TE-XCHUNKED", "9112 6.1", MUST, coding(b" xchunked"), CODED, 501, "H1-2"),
    case("SMUG-TE-TRAILING-SPACE", "9112 6.1", MUST, coding(b" chunked "), CODED + " | 2xx+closed", 400, "H1-1"),
    case("SMUG-TE-SP-BEFORE-COLON", "9112 5.1", MUST, post(b"Transfer-Encoding : chunked", LENGTH, body=b"hello"), REJECT, 400, "H1-7"),
    case("SMUG-TE-DOUBLE-CHUNKED", "9112 6.1", SHOULD, coding(b" chunked, chunked"), REJECT_OR_PASS, 400, "H1-2"),
    case("SMUG-TE-CASE-MISMATCH", "9112 6.1", SHOULD, coding(b" Chunked"), REJECT_OR_PASS, 400, "H1-1"),
    case("SMUG-TE-NOT-FINAL-CHUNKED", "9112 6.3", MUST, post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"), REJECT, 400, "H1-2"),
    case("SMUG-TE-HTTP10", "9112 6.1", MUST, post(CHUNKED, LENGTH, body=b"hello", version=b"HTTP/1.0"), REJECT, 400, "H1-2"),
    case("SMUG-TE-EMPTY-VALUE", "9112 6.1", MUST, coding(b" "), REJECT, 400, "H1-2"),
    case("SMUG-TE-LEADING-COMMA", "9110 5.6.1", SHOULD, coding(b" , chunked"), REJECT_OR_PASS, 400, "H1-2"),
    case("SMUG-TE-TRAILING-COMMA", "9110 5.6.1", SHOULD, coding(b" chunked,"), REJECT_OR_PASS, 400, "H1-2"),
    case("SMUG-TE-DUPLICATE-HEADERS", "9112 6.1", MUST, post(CHUNKED, b"Transfer-Encoding: identity", LENGTH, body=b"hello"), REJECT, 400,
         "H1-2"),
    case("SMUG-TE-VTAB", "9112 6.1", MUST, coding(b" \x0bchunked"), REJECT, 400, "H1-6"),
    case("SMUG-TE-FORMFEED", "9112 6.1", MUST, coding(b" \x0cchunked"), REJECT, 400, "H1-6"),
    case("SMUG-TE-NULL", "9112 6.1", MUST, coding(b" chunked\x00"), REJECT, 400, "H1-6"),
    case("SMUG-TE-IDENTITY", "9112 7", MUST, coding(b" identity"), CODED, 501, "H1-2"),
    case("SMUG-TRANSFER_ENCODING", "9112 6.1", MUST, post(b"Transfer_Encoding: chunked", LENGTH, body=b"hello"), REJECT_OR_PASS, 200,
         scored=False, checks=(echoes(b"hello"),),
         because="a name with an underscore is another name; the origin does not get it (H1-8; --underscores reject refuses it)"),
    case("SMUG-CHUNKED-WITH-PARAMS", "9112 7", MUST, coding(b" chunked;ext=val"), REJECT_OR_PASS, 400, "H1-2", scored=False),
    case("SMUG-TE-OBS-FOLD", "9112 5.2", MUST, coding(b"\r\n chunked"), "400 closed | 2xx+closed", 400, "H1-2"),
    case("SMUG-TE-TAB-BEFORE-VALUE", "9110 5.5", MUST, coding(b"\tchunked"), REJECT_OR_PASS, 400, "H1-1", scored=False),
]

CHUNKS = [
    case("SMUG-CHUNK-BARE-SEMICOLON", "9112 7.1.1", MUST, chunked(b"5;\r\nhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-EXT-INVALID-TOKEN", "9112 7.1.1", MUST, chunked(b"5;bad[=x\r\nhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-UNDERSCORE", "9112 7.1", MUST, chunked(b"1_0\r\nhello world!!!!!\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-HEX-PREFIX", "9112 7.1", MUST, chunked(b"0x5\r\nhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-SIZE-PLUS", "9112 7.1", MUST, chunked(b"+5\r\nhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-SIZE-TRAILING-OWS", "9112 7.1", MUST, chunked(b"5 \r\nhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-LEADING-SP", "9112 7.1", MUST, chunked(b" 5\r\nhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-MISSING-TRAILING-CRLF", "9112 7.1", MUST, chunked(b"5\r\nhello0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-EXT-LF", "9112 7.1.1", MAY, chunked(b"5;\nhello\r\n0\r\n\r\n"), REJECT_OR_PASS, 400, "H1-6"),
    case("SMUG-CHUNK-SPILL", "9112 7.1", MUST, chunked(b"5\r\nhello!!\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-LF-TERM", "9112 7.1", MAY, chunked(b"5\r\nhello\n0\r\n\r\n"), REJECT_OR_PASS, 400, "H1-6"),
    case("SMUG-CHUNK-EXT-CTRL", "9112 7.1.1", MUST, chunked(b"5;\x00ext\r\nhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-EXT-CR", "9112 7.1.1", MUST, chunked(b"5;a\rX\r\nhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-LF-TRAILER", "9112 7.1", MAY, chunked(b"5\r\nhello\r\n0\r\n\n"), REJECT_OR_PASS, 400, "H1-6"),
    case("SMUG-CHUNK-NEGATIVE", "9112 7.1", MUST, chunked(b"-1\r\nhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-CHUNK-BARE-CR-TERM", "9112 2.2", MUST, chunked(b"5\rhello\r\n0\r\n\r\n"), REJECT, 400, "H1-5"),
    case("SMUG-TRAILER-CL", "9110 6.5.1", MUST, trailer(b"Content-Length: 50"), REJECT_OR_PASS, 200, because=TRAILER, scored=False,
         checks=(echoes(b"hello"),)),
    case("SMUG-TRAILER-TE", "9110 6.5.1", MUST, trailer(CHUNKED), REJECT_OR_PASS, 200, because=TRAILER, scored=False,
         checks=(echoes(b"hello"),)),
    case("SMUG-TRAILER-HOST", "9110 6.5.2", MUST, trailer(b"Host: evil.example.com"), REJECT_OR_PASS, 200, because=TRAILER, scored=False,
         checks=(echoes(b"hello"),)),
    case("SMUG-TRAILER-AUTH", "9110 6.5.1", MUST, trailer(b"Authorization: Bearer evil"), REJECT_OR_PASS, 200, because=TRAILER,
         scored=False, checks=(echoes(b"hello"),)),
    case("SMUG-TRAILER-CONTENT-TYPE", "9110 6.5.1", MUST, trailer(b"Content-Type: text/evil"), REJECT_OR_PASS, 200, because=TRAILER,
         scored=False, checks=(echoes(b"hello"),)),
]

THE_REST = [
    case("SMUG-BARE-CR-HEADER-VALUE", "9112 2.2", MUST, post(LENGTH, b"X-Test: val\rue", body=b"hello"), REJECT, 400, "H1-6"),
    case("SMUG-EXPECT-100-CL", "9110 10.1.1", MUST, post(LENGTH, b"Expect: 100-continue", body=b"hello"), REJECT_OR_PASS, 200, scored=False,
         because="RFC 9110 10.1.1: it is the one expectation there is, and who has sent the content already does not wait",
         checks=(echoes(b"hello"),)),
    case("SMUG-HEAD-CL-BODY", "9110 9.3.2", MUST, get(LENGTH, method=b"HEAD", body=b"hello"), REJECT_OR_PASS, 200, because=BODY,
         scored=False),
    case("SMUG-OPTIONS-CL-BODY", "9110 9.3.7", MUST, message(b"OPTIONS", b"/", LENGTH, body=b"hello"), REJECT_OR_PASS, 204, because=BODY,
         scored=False, checks=(never_says(b"hello"),)),
    case("SMUG-ABSOLUTE-URI-HOST-MISMATCH", "9112 3.2.2", MUST, get(target=b"http://other.example.com/"), REJECT_OR_PASS, 400, "H1-9",
         scored=False),
    case("SMUG-MULTIPLE-HOST-COMMA", "9110 7.2", MUST, get(host=b"Host: " + HOST + b", other.example.com"), REJECT, 400, "H1-9"),
]

SMUGGLING = LENGTHS + CODINGS + CHUNKS + THE_REST
