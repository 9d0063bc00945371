# SPDX-License-Identifier: Apache-2.0
"""Requests that HTTP/1.1 and HTTP/2 can both say, each once in both of them."""
import dataclasses

import h2_frames as h2
from spellings import PARAMETERS, PLAIN, TWICE


@dataclasses.dataclass(frozen=True)
class Asked:
    method: str = "GET"
    target: str = "/"
    host: str = "HOST"  # HOST stands for the host of the upstream
    fields: tuple = ()
    body: bytes = b""
    has_length: bool = True  # of a body: said in front of it, or known at its end
    trailers: tuple = ()
    pieces: int = 1

    @property
    def name(self):
        parts = [self.method, self.target[:40], self.host, *(f"{name}={value[:20]}" for name, value in self.fields[:4])]
        if self.body or self.trailers:
            parts.append(f"{len(self.body)} bytes in {self.pieces}, length {'said' if self.has_length else 'not said'}, trailers {self.trailers}")
        return " ".join(parts)

    def cut(self):
        """The body in its pieces."""
        size = max(1, -(-len(self.body) // self.pieces))
        return [self.body[at:at + size] for at in range(0, len(self.body), size)]

    def to_http1(self, host):
        lines = [f"{self.method} {self.target} HTTP/1.1", f"Host: {self.host.replace('HOST', host)}"]
        for name, value in self.fields:
            lines.append(f"{name}: {value}")
        chunked = bool(self.trailers) or (bool(self.body) and not self.has_length)
        if chunked:
            lines.append("Transfer-Encoding: chunked")
        elif self.body or self.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(self.body)}")
        head = "".join(line + "\r\n" for line in lines).encode("latin-1") + b"\r\n"
        if not chunked:
            return head + self.body
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in self.cut())
        trailers = "".join(f"{name}: {value}\r\n" for name, value in self.trailers).encode("latin-1")
        return head + chunks + b"0\r\n" + trailers + b"\r\n"

    def to_http2(self, client, host):
        """Sends it; gives the stream. Cookies come in crumbs (RFC 9113 8.2.3)."""
        fields = h2.request_fields(self.method, self.host.replace("HOST", host), self.target)
        for name, value in self.fields:
            crumbs = value.split("; ") if name.lower() == "cookie" else [value]
            fields += [(name.lower(), crumb) for crumb in crumbs]
        says_length = not self.trailers and (self.has_length if self.body else self.method in ("POST", "PUT", "PATCH"))
        if says_length:
            fields.append(("content-length", str(len(self.body))))
        stream, client.next_stream = client.next_stream, client.next_stream + 2
        client.send(h2.headers(stream, fields, h2.END_HEADERS | (0 if self.body or self.trailers else h2.END_STREAM)))
        pieces = self.cut()
        for number, piece in enumerate(pieces):
            client.send_body(stream, piece, end=number + 1 == len(pieces) and not self.trailers)
        if self.trailers and client.exchange(stream).reset is None:
            client.send(h2.headers(stream, [(name.lower(), value) for name, value in self.trailers]))
        return stream


def paths():
    """What both versions can carry: HTTP/1.1 ends a target at a space, and has other forms of it than the path."""
    for spelling in [*PLAIN, *PARAMETERS, *TWICE]:
        if spelling.startswith("/") and "HOST" not in spelling and " " not in spelling:
            yield Asked(target=spelling)


def methods():
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "TRACK", "PROPFIND", "M-SEARCH", "get", "Get",
                   "PURGE", "LINK",
                   "X" * 32, "X" * 33, "X!#$%&'*+-.^_`|~9", "BASELINE-CONTROL", "QUERY"):
        yield Asked(method)
        yield Asked(method, "/a?b=c", fields=(("X-A", "b"),))


def hosts():
    for host in ("HOST", "HOST.", "HOST:80", "HOST:8080", "HOST.:80", "nobody.test", "user@HOST", "HOST:x", "HOST:99999", "a,HOST",
                 "HOST/x", "HOST?x", "HOST#x",
                 "127.0.0.1", "[::1]", "[::1", "-HOST", "a..HOST", "%48OST", "HOST_", "*.test", "a" * 300 + ".test", "HOST:", ":80", "h\xf6st.test"):
        yield Asked(host=host)
        yield Asked("POST", "/host", host, body=b"abc")


def fields():
    same = [
        (("X-A", "b"),), (("X-A", ""),), (("X-A", "b"),
                                          ("X-A", "c")), (("X-A", "a\tb"),), (("X-A", "\xe9\xff"),), (("X_A", "b"),), (("X_A", "b"),
                                                                                                                       ("X-A", "c")),
        (("A" * 100, "b"),), (("X-A", "b" * 8000),), (("X-A", "b" * 20000),), (("X-A", "b" * 40000),),
        tuple((f"X-{number}", "v") for number in range(40)), tuple((f"X-{number}", "v") for number in range(150)),
        (("Cookie", "a=b"),), (("Cookie", "a=b; c=d"),), (("Cookie", "a=b; c=d; e=f"),
                                                          ("X-A", "b")), (("Cookie", "a=b; c=d" + "; e=f" * 30),),
        (("Accept", "text/html"), ("Accept-Encoding", "gzip, br"), ("Accept-Language", "en")), (("User-Agent", "same/1.0"),),
        (("TE", "trailers"),), (("Range", "bytes=0-10"),), (("If-None-Match", '"x"'),), (("If-Modified-Since",
                                                                                          "Sat, 29 Oct 1994 19:43:31 GMT"),),
        (("Authorization", "Basic eDp5"),), (("Authorization", "Bearer a.b.c"),), (("Proxy-Authorization", "Basic eDp5"),), (("Via",
                                                                                                                              "1.1 a"),), (("Forwarded", "for=1.2.3.4"),),
        (("X-Forwarded-For", "1.2.3.4"),), (("X-Forwarded-Proto", "https"),), (("X-Forwarded-Host", "x.test"),), (("X-Forwarded-Port",
                                                                                                                   "1"),),
        (("X-Request-Id", "abc"),), (("X-Real-IP", "1.2.3.4"),), (("X_Forwarded_For", "1.2.3.4"),), (("X-Forwarded-Client-Cert",
                                                                                                      "x"),), (("X-Original-URL", "/x"),),
        (("X-Sallyport-Explain", "x"),), (("Origin", "https://a.test"),
                                          ("Referer", "https://a.test/x?y")), (("Expect", "200-ok"),), (("Expect", "x=y"),),
        (("Content-Type", "application/grpc"),
         ("TE", "trailers")), (("Max-Forwards", "3"),), (("Trailer", "X-Sum"),), (("Early-Data", "1"),), (("Priority", "u=1"),),
        (("Cache-Control", "no-cache"),
         ("Pragma", "no-cache")), (("Date", "Sat, 29 Oct 1994 19:43:31 GMT"),), (("Alt-Used", "x.test"),), (("Sec-WebSocket-Key", "x"),),
        (("X!#$%&'*+.^_`|~9", "b"),), (("X-A", "=?utf-8?q?x?="),), (("X-A", '"quoted, \\" text"'),), (("X-A", "a, b,, c"),), (("X-A",
                                                                                                                               "100%"),), (("X-A", ";;;"),),
    ]
    for one in same:
        yield Asked(fields=one)
        yield Asked("POST", "/fields?x=y", fields=one, body=b"0123456789")


def bodies():
    for size in (0, 1, 2, 1000, 16383, 16384, 16385, 65535, 65536, 70000, 200000):
        for method in ("POST", "PUT", "GET", "DELETE"):
            body = bytes(at * 7 % 251 for at in range(size))
            yield Asked(method, f"/body/{size}", body=body)
            yield Asked(method, f"/body/{size}", body=body, has_length=False, pieces=3)
    for trailers in ((("X-Sum", "1"),), (("X-Sum", "1"), ("X-Other", "2")), (("X-Sum", ""),), (("X_Sum", "1"),),
                     (("X-Forwarded-For", "1.2.3.4"),), (("Authorization", "x"),),
                     (("Cookie", "a=b"),), (("X-Sum", "1" * 9000),), tuple((f"X-{number}", "v") for number in range(40))):
        yield Asked("POST", "/trailers", body=b"abc", trailers=trailers)


def all_requests():
    found = list(dict.fromkeys([*methods(), *hosts(), *fields(), *bodies(), *paths()]))
    return [dataclasses.replace(asked, fields=(*asked.fields, ("X-Case", str(number)))) for number, asked in enumerate(found)]


REQUESTS = all_requests()
