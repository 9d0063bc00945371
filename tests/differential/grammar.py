# SPDX-License-Identifier: Apache-2.0
"""Payloads made by a grammar of requests with mutations of every part of it: the same seed gives the same payloads everywhere."""
import random

import families

SPECIAL = [b"\r", b"\n", b"\r\n", b"\x00", b"\t", b" ", b":", b",", b";", b"\x0b", b"\x0c", b"\x85", b"\xa0", b"\xff", b"\x7f",
           b"0", b"\r\n\r\n", b"%", b"#", b"\\", b"\r\n ", b"_", b"+", b"-", b"x"]
METHODS = [b"GET", b"GET", b"POST", b"POST", b"POST", b"PUT", b"HEAD", b"DELETE", b"OPTIONS", b"PATCH"]
TARGETS = [b"/", b"/a", b"/a/b?c=d", b"/a%20b", b"/a?b=%41", b"//a", b"/a/../b", b"/%7Ea", b"http://a/b", b"/a;b=c", b"/?"]
HOSTS = [b"Host: a", b"Host: b.test", b"host: a:8080", b"HOST:  a "]
PLAIN_FIELDS = [b"Accept: */*", b"X-A: b", b"Cookie: a=b; c=d", b"User-Agent: x/1", b"X-Empty:", b"x-tab:\tc",
                b"Accept-Encoding: gzip", b"X-Byte: \xe9", b"Via: 1.1 x", b"X-Forwarded-For: 1.2.3.4", b"X-Request-Id: mine",
                b"Forwarded: for=1.2.3.4", b"Cache-Control: no-cache", b"TE: trailers", b"Connection: TE", b"Trailer: X-T",
                b"Connection: keep-alive", b"Keep-Alive: 5", b"Expect: 100-continue", b"Proxy-Connection: close",
                b"Range: bytes=0-1", b"Authorization: Basic eDp5"]
BODIES = [b"", b"a", b"hello", b"0\r\n\r\n", families.EVIL, b"\r\n", b"GET / HTTP/1.1\r\n", bytes(range(256)),
          b"5\r\nhello\r\n0\r\n\r\n", b"\x00" * 7, b"a" * 3000]


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, share):
        return self.random.random() < share

    def one(self, *lists):
        return self.random.choice(self.random.choice(lists))

    def rare(self, common, strange, share=0.06):
        return self.one(strange) if self.chance(share) else self.one(common)

    def chunks(self, body):
        """The body in chunks, some of them spelled strangely."""
        pieces = []
        while body:
            size = self.random.randint(1, max(1, len(body)))
            digits = b"%x" % size
            if self.chance(0.2):
                zeros = digits.zfill(self.random.randint(1, 17))
                digits = self.one([digits.upper(), zeros, digits + b";a", digits + b";a=b", digits + b';a="b"'])
            pieces.append(digits + b"\r\n" + body[:size] + b"\r\n")
            body = body[size:]
        if self.chance(0.06):
            pieces.insert(self.random.randint(0, len(pieces)), self.one(families.CHUNKS))
        pieces.append(self.rare([b"0\r\n\r\n", b"0\r\n\r\n", b"0\r\n\r\n", b"00\r\n\r\n", b"0\r\nX-T: y\r\n\r\n"], families.LAST_CHUNKS))
        return b"".join(pieces)

    def framed(self, method):
        """(lines, body): one of the ways to frame a body, rarely a wrong one or two at once."""
        body = self.one(BODIES)
        kind = self.random.random()
        if kind < 0.3 and method in (b"GET", b"HEAD", b"DELETE", b"OPTIONS"):
            return [], b""
        if kind < 0.62:
            name, value = b"Content-Length", b"%d" % len(body)
            if self.chance(0.07):
                name, value = self.rare([name], families.LENGTH_NAMES, 0.4), self.rare([value], families.LENGTHS, 0.7)
        else:
            body = self.chunks(body)
            name, value = b"Transfer-Encoding", b"chunked"
            if self.chance(0.07):
                name, value = self.rare([name], families.CODING_NAMES, 0.4), self.rare([value], families.CODINGS, 0.7)
        lines = [name + b": " + value]
        if self.chance(0.03):
            lines.append(self.one([b"Content-Length: %d" % len(body), b"Content-Length: 0", b"Transfer-Encoding: chunked", lines[0]]))
        return lines, body

    def request(self):
        method = self.rare(METHODS, families.METHODS, 0.04)
        version = self.rare([b"HTTP/1.1"] * 12 + [b"HTTP/1.0"], families.VERSIONS, 0.02)
        start = method + b" " + self.rare(TARGETS, families.TARGETS, 0.08) + b" " + version
        host = self.one(families.HOSTS) if self.chance(0.04) else self.one(HOSTS)
        framing, body = self.framed(method)
        fields = [self.rare(PLAIN_FIELDS, families.FIELDS, 0.05) for _ in range(self.random.randint(0, 3))]
        if self.chance(0.05):
            fields.append(b"Connection: " + self.one(families.HOP_BY_HOP))
        if self.chance(0.02):
            fields += [b"Connection: Upgrade", b"Upgrade: " + self.one(families.UPGRADES)]
        lines = [line for line in (host, *framing, *fields) if line is not None]
        if self.chance(0.5):
            self.random.shuffle(lines)
        ending = self.one([b"\n", b"\r", b"\r\r\n", b" \r\n"]) if self.chance(0.01) else b"\r\n"
        return ending.join([start, *lines]) + ending * 2 + body

    def mutated(self, data):
        """One or two edits of bytes or whole lines, anywhere."""
        for _ in range(self.random.randint(1, 2)):
            at = self.random.randint(0, len(data))
            kind = self.random.randrange(6)
            if kind == 0:
                data = data[:at] + self.one(SPECIAL) + data[at:]
            elif kind == 1:
                data = data[:at] + data[at + self.random.randint(1, 3):]
            elif kind == 2:
                data = data[:at] + self.one(SPECIAL) + data[at + 1:]
            elif kind == 3:
                data = data[:at]
            else:
                lines = data.split(b"\r\n")
                number = self.random.randrange(len(lines))
                if kind == 4:
                    lines.insert(self.random.randrange(len(lines)), lines[number])
                else:
                    del lines[number]
                data = b"\r\n".join(lines)
        return data or b"\r\n"

    def payload(self):
        requests = [self.request() for _ in range(self.random.choice((1, 1, 1, 2, 2, 3)))]
        data = b"".join(requests)
        return self.mutated(data) if self.chance(0.3) else data

    def cuts(self, data):
        """Where it is sent in pieces; mostly nowhere."""
        if not self.chance(0.25) or len(data) < 2:
            return ()
        return sorted(self.random.sample(range(1, len(data)), min(self.random.randint(1, 2), len(data) - 1)))
