# SPDX-License-Identifier: Apache-2.0
"""Payloads for the rules H1-1 to H1-20, and answers of upstreams for H1-18: many spellings of each, with a request or a response
behind them where a wrong framing would show it.

What the gateway answers to each is tested elsewhere; here only the oracles judge, so good and bad spellings stand side by side.
"""
import base64

EVIL = b"GET /evil HTTP/1.1\r\nHost: a\r\n\r\n"
CODED, FIVE = b"Transfer-Encoding: chunked", b"Content-Length: 5"
HELLO = b"5\r\nhello\r\n0\r\n\r\n"
KEY = base64.b64encode(b"sixteen bytes ok")


def message(*lines, body=b"", method=b"POST", target=b"/", version=b"HTTP/1.1", host=b"Host: a"):
    head = [method + b" " + target + b" " + version, *([host] if host is not None else []), *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def chunked(body):
    return message(CODED, body=body)


CODINGS = [b"chunked", b"CHUNKED", b" chunked ", b"\tchunked\t", b"identity", b"gzip", b"xchunked", b"chunked, chunked",
           b"gzip, chunked", b"chunked, gzip", b",chunked", b"chunked,", b"chunked;q=1", b'"chunked"', b"", b"chunked\x0b",
           b"\x0bchunked", b"\x0cchunked", b"chunked\x00", b"\x00chunked", b"\xa0chunked", b"chunked\x85", b"chunke\xc4\xa3",
           b"c hunked", b"chun\rked", b"identity, chunked", b"deflate", b"trailers", b"chunked\r\n x"]
CODING_NAMES = [b"Transfer-Encoding", b"transfer-encoding", b"TRANSFER-ENCODING", b"Transfer_Encoding", b"Transfer-Encoding ",
                b" Transfer-Encoding", b"Transfer-Encoding\t", b"\x00Transfer-Encoding", b"Transfer-Encodin\xc7",
                b"TransferEncoding", b"X: y\rTransfer-Encoding", b"X: y\nTransfer-Encoding", b"Transfer-\r\nEncoding",
                b"Transfer\x0bEncoding"]
LENGTHS = [b"5", b"05", b"0000000000000000005", b"00000000000000000005", b"+5", b"-5", b"5 5", b"0x5", b"1_0", b"5, 5", b"5,",
           b",5", b"", b"9223372036854775807", b"9223372036854775808", b"18446744073709551621", b"5.0", b"5e0", b"\xd9\xa5",
           b"5\x00", b"5\x0b", b"\xa05", b"5;", b"'5'", b"five", b"5\r\n ", b"5\r", b"0", b"6", b"4"]
LENGTH_NAMES = [b"Content-Length", b"content-length", b"CONTENT-LENGTH", b"Content_Length", b"Content-Length ", b" Content-Length",
                b"Content-Length\x00", b"Content\xadLength", b"X: y\nContent-Length", b"Content-\r\n Length", b"\rContent-Length"]
CHUNKS = [b"5\r\nhello\r\n", b"05\r\nhello\r\n", b"0000000000000005\r\nhello\r\n", b"00000000000000005\r\nhello\r\n",
          b"0x5\r\nhello\r\n", b"+5\r\nhello\r\n", b"-5\r\nhello\r\n", b"5_\r\nhello\r\n", b" 5\r\nhello\r\n",
          b"5 \r\nhello\r\n", b"5\t\r\nhello\r\n", b"\r\nhello\r\n", b"5\nhello\r\n", b"5\rhello\r\n", b"5\r\nhello\n",
          b"5\r\nhello\r", b"5\r\nhello", b"5\r\nhelloX\r\n", b"5\r\nhell\r\n", b"A\r\n0123456789\r\n", b"a\r\n0123456789\r\n",
          b"g\r\nhello\r\n", b"5;\r\nhello\r\n", b"5;a\r\nhello\r\n", b"5;a=b\r\nhello\r\n", b'5;a="b;c"\r\nhello\r\n',
          b'5;a="b\r\nhello\r\n', b'5;a="\r\n"\r\nhello\r\n', b"5; a=b\r\nhello\r\n", b"5;a\x00\r\nhello\r\n", b"5;a\nhello\r\n",
          b"5;a\rb\r\nhello\r\n", b"5;" + b"a" * 300 + b"\r\nhello\r\n", b"5,a\r\nhello\r\n", b"ffffffffffffffff\r\nhello\r\n",
          b"8000000000000000\r\nhello\r\n", b"100000000\r\nhello\r\n", b"10000000000000005\r\nhello\r\n", b"5\r\n\r\nhello\r\n",
          b"5\r\r\nhello\r\n", b"\xef\xbc\x95\r\nhello\r\n"]
LAST_CHUNKS = [b"0\r\n\r\n", b"00\r\n\r\n", b"0000000000000000\r\n\r\n", b"0;a\r\n\r\n", b"0\n\n", b"0\r\n\n", b"0\n\r\n",
               b"0\r\r\n\r\n", b"0\r\nX\r\n", b"0\r\nX: y\r\n\r\n", b"0\r\nX : y\r\n\r\n", b"0\r\nX: y\n\r\n",
               b"0\r\nX: y\r\n z\r\n\r\n", b"0\r\n: y\r\n\r\n", b"0\r\nX\x00: y\r\n\r\n", b"0\r\nContent-Length: 30\r\n\r\n",
               b"0\r\nTransfer-Encoding: chunked\r\n\r\n", b"0\r\nHost: evil\r\n\r\n", b"0\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
               b"0x0\r\n\r\n", b"-0\r\n\r\n", b" 0\r\n\r\n", b"0 \r\n\r\n", b"0\r\n" + b"X: y\r\n" * 33 + b"\r\n",
               b"0\r\nX: " + b"y" * 9000 + b"\r\n\r\n"]
FIELDS = [b"A: b", b"A:b", b"A:\t b \t", b"A:", b"A : b", b" A: b", b"\tA: b", b"A\t: b", b": b", b":", b"A", b"A b",
          b"A: b\r\n c", b"A: b\r\n\tc", b"A: b\n c", b"A: \x00", b"A: b\x00c", b"A: b\rc", b"A: b\nC: d", b"A: b\x0bc",
          b"A: b\x7f", b"A: \x01", b"A\x00: b", b"A\x80: b", b"A(b): c", b"A/b: c", b"A@b: c", b"A_b: c", b"_: c",
          b"A: \x80\xff", b"!#$%&'*+-.^_`|~: c", b"A: b\r\r\nC: d", b"A: b\n\nGET /evil HTTP/1.1\r\nX: y", b'"A": b',
          b"A: " + b"b" * 33000]
HOSTS = [b"Host: a", b"Host: A", b"Host: a.", b"Host: a:80", b"Host: a:", b"Host: a:99999", b"Host: a:8o", b"Host: [::1]",
         b"Host: [::1]:80", b"Host: [::1", b"Host: 1.2.3.4", b"Host: a, b", b"Host: a b", b"Host: a/b", b"Host: u@a",
         b"Host: a?b", b"Host: a#b", b"Host: a\x00b", b"Host: \xffa", b"Host:", b"Host: a\r\nHost: a", b"Host: a\r\nHost: b",
         b"host: a", b"Host : a", b" Host: a", b"X: y", None, b"Host: a\r\n b", b"Host: " + b"a" * 300, b"Host: a_b",
         b"Host: a%62", b"Host: *", b"Host: -a", b"Host: a..b", b"Host: a\\b", b"Host: a\tb"]
TARGETS = [b"/", b"/a", b"/a/", b"//a", b"/a//b", b"/./a", b"/../a", b"/a/..", b"/a/../..", b"/%2e%2e/a", b"/a/%2E/b", b"/%41",
           b"/%2f", b"/a%2Fb", b"/a%5cb", b"/a\\b", b"/%00", b"/%", b"/%4", b"/%zz", b"/a;b", b"/a/..;/b", b"/;a", b"/a?b",
           b"/?", b"/a?b?c", b"/a?b=%", b"/a?b=%;41&c=%zz", b'/a?"<>|^`{}\\', b"/a?b#c", b"/a#b", b"/a b", b"/a\tb", b"/a\x00b",
           b"/\x80", b"/%80", b"/%C3%A9", b"*", b"a", b"?a", b"", b"http://a/", b"http://a", b"http://a/b?c", b"http://b/",
           b"HTTP://A/", b"http://a:80/", b"http://u@a/", b"https://a/", b"ftp://a/", b"http:///", b"http:/a", b"a:80", b"a:443",
           b"/%25%32%66", b"/a%3Fb", b"/a%23b", b"/a%20b", b"/a%0d%0aX:%20y", b"/a\rb", b"/a\nb", b"/\"", b"/<a>", b"/{a}",
           b"/a|b", b"/^", b"/`", b"/%7e", b"/~", b"/a:b", b"/@", b"/a,b", b"/" + b"a" * 8000, b"/" + b"a" * 9000,
           b"/a?" + b"b" * 8000, b"/.", b"/..", b"/...", b"/.a", b"/a/./b/../c"]
METHODS = [b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"TRACK", b"CONNECT", b"get", b"Get",
           b"PROPFIND", b"M-SEARCH", b"FOO", b"G" * 32, b"G" * 33, b"G(T", b"G T", b"", b"\x00GET", b"GE\xc2", b"PRI", b"SOURCE",
           b"!#$%", b"GET\t", b" GET"]
VERSIONS = [b"HTTP/1.1", b"HTTP/1.0", b"HTTP/0.9", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/1.10", b"HTTP/01.1", b"http/1.1",
            b"HTTP/1.1 ", b"HTTP/1,1", b"HTTP/1", b"HTTP/", b"", b"HTTP/1.1\x00", b"HTTP/ 1.1", b"HTTPS/1.1",
            b"HTTP/1.1 HTTP/1.1", b"ICY/1.1"]
HOP_BY_HOP = [b"close", b"keep-alive", b"Keep-Alive, X", b"X", b"Host", b"Content-Length", b"transfer-encoding",
              b"X-Forwarded-For", b"X-Request-Id, Cookie", b"Authorization", b"close, X", b"X, close", b"upgrade",
              b"Upgrade, HTTP2-Settings", b"TE", b",,", b"", b"Connection", b"\x00", b"clo\rse"]
UPGRADES = [b"websocket", b"h2c", b"h2c, websocket", b"websocket, h2c", b"WebSocket", b"TLS/1.2", b"", b"foo"]
EXPECTS = [b"100-continue", b"100-Continue", b"100-continue, x", b"200-ok", b"", b"100-continue;x", b" 100-continue "]


def payloads():
    """(name of the family, payload), hundreds of them."""
    for coding in CODINGS:
        yield "H1-1", message(FIVE, b"Transfer-Encoding:" + coding, body=b"0\r\n\r\n" + EVIL)
        yield "H1-2", message(b"Transfer-Encoding:" + coding, body=HELLO)
        yield "H1-2", message(CODED, b"Transfer-Encoding: " + coding, body=HELLO + EVIL)
        yield "H1-2", message(b"Transfer-Encoding: " + coding, CODED, body=HELLO)
        yield "H1-2", message(b"Transfer-Encoding:" + coding, body=HELLO, version=b"HTTP/1.0")
    for name in CODING_NAMES:
        yield "H1-1", message(name + b": chunked", b"Content-Length: 35", body=b"0\r\n\r\n" + EVIL)
        yield "H1-2", message(name + b": chunked", body=HELLO)
    for length in LENGTHS:
        yield "H1-3", message(b"Content-Length: " + length, body=b"hello")
        yield "H1-3", message(b"Content-Length: 5", b"Content-Length: " + length, body=b"hello")
        yield "H1-3", message(b"Content-Length: " + length, b"Content-Length: 5", body=b"hello" + EVIL)
        yield "H1-4", message(b"Content-Length: " + length, body=b"hello", method=b"GET") + EVIL
    for name in LENGTH_NAMES:
        yield "H1-3", message(name + b": 30", body=EVIL)
        yield "H1-3", message(name + b": 0", b"Content-Length: 30", body=EVIL)
    for chunk in CHUNKS:
        yield "H1-5", chunked(chunk + b"0\r\n\r\n")
        yield "H1-5", chunked(b"1\r\nZ\r\n" + chunk + b"0\r\n\r\n" + EVIL)
    for last in LAST_CHUNKS:
        yield "H1-5", chunked(b"5\r\nhello\r\n" + last)
        yield "H1-5", chunked(last + EVIL)
    for line in FIELDS:
        yield "H1-7", message(line, method=b"GET")
        yield "H1-7", message(line, FIVE, body=b"hello") + EVIL
        yield "H1-7", message(FIVE, line, body=b"hello")
        yield "H1-7", message(host=line + b"\r\nHost: a", method=b"GET")
    for ending in (b"\n", b"\r", b"\n\r", b"\r\r\n", b"\r\n\n", b"\x00\r\n", b" \r\n", b"\x85", b"\x0b", b"\xe2\x80\xa8"):
        for at in range(5):
            lines = [b"POST / HTTP/1.1", b"Host: a", b"A: b", FIVE, b""]
            yield "H1-6", b"".join(line + (ending if number == at else b"\r\n") for number, line in enumerate(lines)) + b"hello" + EVIL
        yield "H1-6", message(CODED, FIVE, body=HELLO).replace(b"\r\n", ending)
    for host in HOSTS:
        yield "H1-9", message(host=host, method=b"GET")
        yield "H1-9", message(host=host, method=b"GET", target=b"http://a/x")
        yield "H1-9", message(host=host, method=b"GET", version=b"HTTP/1.0")
    for target in TARGETS:
        yield "H1-10", message(method=b"GET", target=target)
        yield "H1-20", message(method=b"GET", target=b"/admin" + target if target.startswith(b"/") else target) + EVIL
        yield "H1-10", message(FIVE, target=target, body=b"hello")
    for method in METHODS:
        yield "H1-11", message(method=method)
        yield "H1-11", message(FIVE, method=method, body=b"hello") + EVIL
        yield "H1-11", message(CODED, method=method, body=HELLO)
        yield "H1-11", message(method=method, target=b"a:80") + EVIL
    for version in VERSIONS:
        yield "H1-11", message(method=b"GET", version=version)
        yield "H1-11", message(FIVE, version=version, body=b"hello") + EVIL
        yield "H1-11", message(b"Connection: keep-alive", FIVE, version=version, body=b"hello") + EVIL
    for option in HOP_BY_HOP:
        yield "H1-14", message(b"Connection: " + option, b"X: y", b"Keep-Alive: 5", method=b"GET") + EVIL
        yield "H1-14", message(FIVE, b"Connection: " + option, b"Connection: x", body=b"hello") + EVIL
        yield "H1-14", message(b"Connection: " + option, CODED, b"Proxy-Connection: keep-alive", body=HELLO, version=b"HTTP/1.1") + EVIL
    for upgrade in UPGRADES:
        web_socket = (b"Connection: Upgrade", b"Upgrade: " + upgrade, b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: " + KEY)
        yield "H1-12", message(*web_socket, method=b"GET") + EVIL
        yield "H1-12", message(*web_socket, b"HTTP2-Settings: AAMAAABkAAQAAP__", method=b"GET", version=b"HTTP/1.0")
        yield "H1-12", message(*web_socket, FIVE, body=b"hello") + EVIL
        yield "H1-12", message(b"Upgrade: " + upgrade, method=b"GET") + EVIL
    for expect in EXPECTS:
        yield "H1-13", message(b"Expect: " + expect, FIVE, body=b"hello") + EVIL
        yield "H1-13", message(b"Expect: " + expect, CODED, body=HELLO) + EVIL
        yield "H1-13", message(b"Expect: " + expect, method=b"GET") + EVIL
        yield "H1-13", message(b"Expect: " + expect, FIVE, body=b"hello", version=b"HTTP/1.0")
    for count in (99, 100, 101, 2000):
        yield "H1-15", message(*[b"A: b"] * count, method=b"GET") + EVIL
    for before in (b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b"\x00", b"\x16\x03\x01\x02\x00\x01", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n"):
        yield "H1-17", before + EVIL
        yield "H1-17", EVIL + before + EVIL
        yield "H1-17", message(FIVE, body=b"hello") + before
    for count in (1, 2, 20):
        yield "H1-17", (EVIL + message(FIVE, body=b"hello") + chunked(HELLO)) * count
        yield "H1-17", (EVIL + message(method=b"HEAD")) * count + message(b"Connection: close") + EVIL


POISON = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
STATUS_LINES = [b"HTTP/1.1 200 OK", b"HTTP/1.1 200 ", b"HTTP/1.1 200", b"HTTP/1.0 200 OK", b"HTTP/1.1 204 No",
                b"HTTP/1.1 304 Not", b"HTTP/1.1 101 Switching", b"HTTP/1.1 100 Continue", b"HTTP/1.1 103 Early",
                b"HTTP/1.1 199 x", b"HTTP/1.1 600 x", b"HTTP/1.1 099 x", b"HTTP/1.1 20 x", b"HTTP/1.1 2000 x", b"HTTP/1.1 +20 x",
                b"HTTP/1.1 2\xd9\xa00 x", b"HTTP/1.1  200 OK", b"HTTP/1.1\t200 OK", b"HTTP/1.1 200\tOK", b"HTTP/1.1 200 O\x00K",
                b"HTTP/1.1 200 O\rK", b"HTTP/1.1 200 O\nK", b"HTTP/1.1 200 \xff", b"HTTP/2.0 200 OK", b"HTTP/1.2 200 OK",
                b"HTTP/0.9 200 OK", b"http/1.1 200 OK", b"ICY 200 OK", b"200 OK", b" HTTP/1.1 200 OK",
                b"HTTP/1.1 200 " + b"x" * 9000]


def answer(*lines, body=b"", start=b"HTTP/1.1 200 OK"):
    return b"\r\n".join([start, *lines]) + b"\r\n\r\n" + body


def answers():
    """(name of the family, bytes of an upstream), each with another response behind it where a wrong framing would show it."""
    for coding in CODINGS:
        yield "codings", answer(b"Transfer-Encoding: " + coding, body=HELLO) + POISON
        yield "codings", answer(FIVE, b"Transfer-Encoding: " + coding, body=HELLO)
        yield "codings", answer(b"Transfer-Encoding: " + coding, CODED, body=HELLO)
        yield "codings", answer(b"Transfer-Encoding: " + coding, body=HELLO, start=b"HTTP/1.0 200 OK")
    for name in CODING_NAMES:
        yield "codings", answer(name + b": chunked", b"Content-Length: 50", body=b"0\r\n\r\n" + POISON)
    for length in LENGTHS:
        yield "lengths", answer(b"Content-Length: " + length, body=b"hello")
        yield "lengths", answer(b"Content-Length: " + length, body=b"hello") + POISON
        yield "lengths", answer(b"Content-Length: 5", b"Content-Length: " + length, body=b"hello")
    for name in LENGTH_NAMES:
        yield "lengths", answer(name + b": 45", body=POISON)
        yield "lengths", answer(name + b": 0", b"Content-Length: 45", body=POISON)
    for chunk in CHUNKS:
        yield "chunks", answer(CODED, body=chunk + b"0\r\n\r\n")
        yield "chunks", answer(CODED, body=b"1\r\nZ\r\n" + chunk + b"0\r\n\r\n" + POISON)
    for last in LAST_CHUNKS:
        yield "chunks", answer(CODED, body=b"5\r\nhello\r\n" + last)
        yield "chunks", answer(CODED, body=last + POISON)
    for line in FIELDS:
        yield "fields", answer(line, FIVE, body=b"hello") + POISON
        yield "fields", answer(FIVE, line, body=b"hello")
    for option in HOP_BY_HOP:
        yield "fields", answer(b"Connection: " + option, b"X: y", FIVE, body=b"hello") + POISON
    for ending in (b"\n", b"\r", b"\n\r", b"\r\r\n", b" \r\n", b"\x00\r\n"):
        yield "line ends", answer(FIVE, b"A: b", body=b"hello").replace(b"\r\n", ending) + POISON
        yield "line ends", answer(CODED, body=HELLO).replace(b"\r\n", ending) + POISON
    for start in STATUS_LINES:
        yield "status lines", answer(FIVE, body=b"hello", start=start)
        yield "status lines", answer(start=start) + POISON
        yield "status lines", answer(CODED, body=HELLO, start=start) + POISON
    for count in (1, 8, 9, 100):
        yield "interim", answer(start=b"HTTP/1.1 103 Early") * count + answer(FIVE, body=b"hello")
        yield "interim", answer(start=b"HTTP/1.1 100 Continue") * count + answer(FIVE, body=b"hello") + POISON
