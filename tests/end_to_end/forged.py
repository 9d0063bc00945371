# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 messages that are forged so that an HTTP/1.1 upstream would read something else into them (H2-7, H2-8).

Each is frames for one stream. NOTHING: the upstream must not hear of it. BEGUN: what is wrong with it shows only while its body
comes, so the upstream may see it begin, but never end. CUT: its body is longer than was said, so the upstream may have it whole
before the rest comes, but never the rest.
"""
import dataclasses

import h2_frames as h2

NOTHING, BEGUN, CUT = "nothing", "begun", "cut"
HOST = "h1.test"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: h1.test\r\n\r\n"
MARK = "forged-{:03}."


@dataclasses.dataclass(frozen=True)
class Forged:
    name: str
    reaches: str
    fields: tuple
    bodies: tuple = ()  # of DATA frames; the last one ends the stream unless trailers follow
    trailers: tuple = None

    def frames(self, stream, number):
        fields = [(name, value.replace("MARK", MARK.format(number)) if isinstance(value, str) else value) for name, value in self.fields]
        ends = not self.bodies and self.trailers is None
        out = h2.headers(stream, fields, h2.END_HEADERS | (h2.END_STREAM if ends else 0))
        for at, body in enumerate(self.bodies):
            is_last = at + 1 == len(self.bodies) and self.trailers is None
            out += h2.frame(h2.DATA, h2.END_STREAM if is_last else 0, stream, body)
        if self.trailers is not None:
            out += h2.headers(stream, list(self.trailers))
        return out


def head(*fields, method="GET", path="/MARK", authority=HOST, scheme="http"):
    return ((":method", method), (":scheme", scheme), (":authority", authority), (":path", path), ("x-mark", "MARK"), *fields)


def lengths():
    """The body that came is not the one that was said."""
    for method in ("GET", "POST", "PUT", "HEAD", "OPTIONS"):
        for said in ("1", "5", "42", "65536", "9223372036854775807"):
            yield Forged(f"{method} that ends with its head and says {said}", NOTHING, head(("content-length", said), method=method))
    for said in ("1", "42", "100000"):
        yield Forged(f"an empty DATA ends what says {said}", BEGUN, head(("content-length", said), method="POST"), (b"",))
        yield Forged(f"trailers end what says {said}", BEGUN, head(("content-length", said), method="POST"), (), (("x-sum", "1"),))
    for said, bodies in (("10", (b"12345",)), ("10", (b"1", b"2", b"")), ("10", (b"123456789",)), ("42", (SMUGGLED[:41],)),
                         ("70000", (b"x" * 16384,) * 4)):
        yield Forged(f"shorter than {said}: {len(bodies)} pieces", BEGUN, head(("content-length", said), method="POST"), bodies)
        yield Forged(f"shorter than {said}, then trailers", BEGUN, head(("content-length", said), method="PUT"), bodies, (("x-sum", "1"),))
    for said, bodies in (("0", (SMUGGLED,)), ("0", (b"", SMUGGLED)), ("5", (b"12345" + SMUGGLED,)), ("5", (b"12345", SMUGGLED)),
                         ("5", (b"1234", b"5" + SMUGGLED)),
                         ("16384", (b"x" * 16384, SMUGGLED)), ("1", (b"1", b"", SMUGGLED))):
        yield Forged(f"longer than {said}: {len(bodies)} pieces", CUT, head(("content-length", said), method="POST"), bodies)
        yield Forged(f"longer than {said}, then trailers", CUT, head(("content-length", said), method="POST"), bodies, (("x-sum", "1"),))


def length_spellings():
    """No number of RFC 9110 8.6, or two of them."""
    for said in ("", "+5", "-5", "0x5", "5 5", "5,5", "5, 6", "5;", "1e1", "five", "5.0", "18446744073709551621", "99999999999999999999",
                 "0" * 30 + "5", "\xb2", "5_0", "#5",
                 "5\x00", "5\r\n", "5\nx: y", "0\r\n\r\n" + SMUGGLED.decode()):
        yield Forged(f"content-length {said[:12]!r}", NOTHING, head(("content-length", said), method="POST"), (b"12345",))
    for pair in (("5", "5"), ("5", "6"), ("6", "5"), ("5", ""), ("0", "5")):
        yield Forged(f"content-length twice, {pair}", NOTHING, head(*(("content-length", one) for one in pair), method="POST"), (b"12345",))


def hop_fields():
    """RFC 9113 8.2.2: a message that has one is malformed."""
    for name, value in (("transfer-encoding", "chunked"), ("transfer-encoding", "Chunked"), ("transfer-encoding", "identity"),
                        ("transfer-encoding", ""),
                        ("transfer-encoding", "gzip, chunked"), ("connection", "close"), ("connection", "keep-alive"), ("connection",
                                                                                                                        "content-length"),
                        ("connection", "x-mark"), ("keep-alive", "timeout=5"), ("proxy-connection", "keep-alive"), ("upgrade",
                                                                                                                    "h2c"), ("upgrade", "websocket"),
                        ("te", "gzip"), ("te", "chunked"), ("te", "trailers, chunked")):
        yield Forged(f"{name}: {value}", NOTHING, head((name, value)))
    chunked = b"0\r\n\r\n" + SMUGGLED
    yield Forged("chunked before a smuggled request", NOTHING, head(("transfer-encoding", "chunked"), method="POST"), (chunked,))
    yield Forged("chunked beside a length", NOTHING,
                 head(("content-length", str(len(chunked))), ("transfer-encoding", "chunked"), method="POST"), (chunked,))


def names():
    """RFC 9113 8.2.1: no upper case, no controls, nothing of 0x7f and above, no colon but at the start; a token after all."""
    for name in ("Content-Length", "X-Mark2", "x-Mark", "x-marK", "TRANSFER-ENCODING", "x-a:", "x:a", "a b", " a", "a ", "x\ta", "x\0a",
                 "x\ra", "x\na", "x\r\na", "x\x7fa", "x\x80a",
                 "x\xe9", "", "x(a", "x/a", "x{a}", "x@a", 'x"a', "x,a", "x;a", "x=a", "x[a]", "content-length ", "transfer-encoding: chunked\r\nx", "x: y\r\n\r\n" + SMUGGLED.decode() + "x"):
        yield Forged(f"name {name[:20]!r}", NOTHING, head((name, "1")))


def values():
    """RFC 9113 8.2.1: neither CR nor LF nor NUL, and no blank at the ends; RFC 9110 5.5: no other control either."""
    for value in ("a\r\nb: c", "a\nb: c", "a\rb", "a\0b", "\0", "\r", "\n", "a\r\n", "\r\na", "\r\n\r\n" + SMUGGLED.decode(),
                  "a\r\n\r\n" + SMUGGLED.decode(), "a\x01b", "a\x1fb", "a\x7fb", "a\x0bb",
                  "a\x0cb", "a\x08", " a", "a ", "\ta", "a\t", "a\r\ntransfer-encoding: chunked"):
        yield Forged(f"value {value[:16]!r}", NOTHING, head(("x-value", value)))
    for name in ("cookie", "user-agent", "host", "accept", "authorization"):
        yield Forged(f"a line more in {name}", NOTHING, head((name, "a\r\nx-evil: 1")))


def pseudo_fields():
    """RFC 9113 8.3: each of them once, first, and what it may be."""
    line = " HTTP/1.1\r\nHost: h1.test\r\n\r\n" + SMUGGLED.decode()
    for method in ("", "GET ", " GET", "G ET", "GET /x HTTP/1.1\r\nx: y", "GET /smuggled" + line, "GET\0", "GET\t", "G\xc9T", "GET:",
                   "GET\r\n"):
        yield Forged(f"method {method[:20]!r}", NOTHING, head(method=method))
    for path in ("", "MARK", "*", "//h1.test:x y", "/MARK x", "/MARK\r\nx: y", "/MARK" + line, "/MARK\n", "/MARK\0", "/MARK\t", "/MARK#x",
                 "/MARK\x7f", "/MARK\xe9", "http://h1.test/MARK",
                 " /MARK", "\\MARK", "?MARK", "/MARK/..;/x", "/MARK%00", "/MARK%zz", "/MARK\\x"):
        yield Forged(f"path {path[:20]!r}", NOTHING, head(path=path))
    for scheme in ("", "ftp", "http ", "http:", "http\r\nx: y", "http://h1.test/smuggled?", "javascript", "h\0ttp", "ws", "file"):
        yield Forged(f"scheme {scheme[:16]!r}", NOTHING, head(scheme=scheme))
    for authority in ("", "user@h1.test", "h1.test/x", "h1.test x", "h1.test\r\nx: y", "h1.test\n", "h1.test\0", "h1.test,other",
                      "h1.test?x", "h1.test#x", "h1.test:80:80", "h1.test:x", "h1 .test",
                      "h1.test\t", "[::1", "h1.test\\x", "h1.test@other"):
        yield Forged(f"authority {authority[:16]!r}", NOTHING, head(authority=authority))
    whole = head()
    for at, (name, value) in enumerate(whole[:4]):
        yield Forged(f"without {name}", NOTHING, whole[:at] + whole[at + 1:])
        yield Forged(f"{name} twice", NOTHING, whole[:at] + ((name, value),) + whole[at:])
        yield Forged(f"{name} twice and differently", NOTHING, whole[:at] + ((name, value + "x"),) + whole[at:])
        yield Forged(f"{name} behind a field", NOTHING, (*whole[:at], *whole[at + 1:], (name, value)))
    for name in (":status", ":protocol", ":x", ":", ":method ", ":Path", ":host"):
        yield Forged(f"a pseudo-field {name}", NOTHING, ((name, "200"), *whole))
    yield Forged("host is not authority", NOTHING, head(("host", "other.test")))
    yield Forged("host twice", NOTHING, head(("host", HOST), ("host", HOST)))
    yield Forged("CONNECT as a request", NOTHING, head(method="CONNECT"))
    yield Forged("CONNECT as it should be", NOTHING, ((":method", "CONNECT"), (":authority", "h1.test:80"), ("x-mark", "MARK")))


def trailers():
    """What stands behind the body is a field section too (RFC 9113 8.1)."""
    for name, value in ((":path", "/x"), (":status", "200"), ("X-Sum", "1"), ("x sum", "1"), ("x-sum", "1\r\ny: z"), ("x-sum", "1\0"),
                        ("", "1"), ("transfer-encoding", "chunked"),
                        ("connection", "close"), ("x\r\ny", "z"), ("te", "gzip")):
        yield Forged(f"trailer {name!r}: {value!r}", BEGUN, head(method="POST"), (b"12345",), ((name, value),))


FORGED = [*lengths(), *length_spellings(), *hop_fields(), *names(), *values(), *pseudo_fields(), *trailers()]
