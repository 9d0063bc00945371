# SPDX-License-Identifier: Apache-2.0
"""A strict reading of HTTP/1.1 messages after RFC 9112 and RFC 9110, and nothing lenient beside it.

It shares no code with the gateway. `take_request` and `take_response` read one message from the front of bytes: they give the
message, None while bytes are missing, or raise a Fault.
"""
import re
from dataclasses import dataclass, field

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
PCHAR = rb"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
PATH = rb"(?:/" + PCHAR + rb"*)+"
# RFC 3986 has fewer bytes in a query. Browsers write what the URL standard lets stand, "|" and a lone "%" among them, and nothing
# between the blanks of a request line can be mistaken for anything else.
QUERY = rb"[\x21\x22\x24-\x7e]*"
REG_NAME = rb"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+"
IP_LITERAL = rb"\[[0-9A-Fa-f:.]+\]"
HOST = re.compile(rb"(?:" + REG_NAME + rb"|" + IP_LITERAL + rb")(?::[0-9]*)?")
ORIGIN_FORM = re.compile(PATH + rb"(?:\?" + QUERY + rb")?")
ABSOLUTE_FORM = re.compile(rb"[Hh][Tt][Tt][Pp][Ss]?://" + HOST.pattern + rb"(?:" + PATH + rb")?(?:\?" + QUERY + rb")?")
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") ([\x21-\x7e]+) HTTP/1\.([01])")
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2}) ([\t\x20-\x7e\x80-\xff]*)")
FIELD_LINE = re.compile(rb"(" + TOKEN + rb"):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*")
LENGTH = re.compile(rb"[0-9]{1,19}")
QUOTED = rb'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"'
EXTENSIONS = rb"(?:;" + TOKEN + rb"(?:=(?:" + TOKEN + rb"|" + QUOTED + rb"))?)*"
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})")
EXTENDED_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})" + EXTENSIONS)
NEVER_TRAILERS = {b"content-length", b"transfer-encoding", b"host", b"connection", b"trailer", b"te", b"upgrade"}
LONGEST_LINE = 65536


class Fault(Exception):
    """What stands there is no HTTP/1.1 message."""


@dataclass
class Message:
    fields: list
    body: bytes = b""
    trailers: list = field(default_factory=list)
    raw: bytes = b""

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name]

    def has_token(self, name, token):
        return any(token == part.strip().lower() for value in self.all(name) for part in value.split(b","))


@dataclass
class Request(Message):
    method: bytes = b""
    target: bytes = b""
    minor: int = 1

    @property
    def host(self):
        hosts = self.all(b"host")
        return hosts[0] if hosts else b""

    @property
    def last(self):
        """Whether the connection ends with it."""
        return self.has_token(b"connection", b"close") or (self.minor == 0 and not self.has_token(b"connection", b"keep-alive"))


@dataclass
class Response(Message):
    status: int = 0
    minor: int = 1
    until_end: bool = False

    @property
    def closes(self):
        return self.has_token(b"connection", b"close")


class Incomplete(Exception):
    pass


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def line(self):
        """Up to the next CRLF, without it. Neither CR nor LF may stand alone."""
        end = self.data.find(b"\n", self.at, self.at + LONGEST_LINE)
        if end < 0:
            rest = self.data[self.at:]
            if len(rest) >= LONGEST_LINE:
                raise Fault("an endless line")
            if b"\r" in rest[:-1]:
                raise Fault("a CR without LF")
            raise Incomplete
        line = self.data[self.at:end + 1]
        if not line.endswith(b"\r\n"):
            raise Fault("an LF without CR")
        if b"\r" in line[:-2]:
            raise Fault("a CR without LF")
        self.at = end + 1
        return line[:-2]

    def take(self, size):
        if len(self.data) - self.at < size:
            raise Incomplete
        self.at += size
        return self.data[self.at - size:self.at]


def take_fields(source):
    fields = []
    while line := source.line():
        matched = FIELD_LINE.fullmatch(line)
        if not matched:
            raise Fault(f"no field line: {line[:200]!r}")
        fields.append((matched[1], matched[2]))
    return fields


def take_chunks(source, message, extensions):
    body = []
    while True:
        line = source.line()
        matched = (EXTENDED_CHUNK if extensions else CHUNK).fullmatch(line)
        if not matched:
            raise Fault(f"no chunk size: {line[:200]!r}")
        size = int(matched[1], 16)
        if size == 0:
            break
        if size >= 1 << 63:
            raise Fault("a chunk beyond all sizes")
        body.append(source.take(size))
        # The first of two wrong bytes is enough to say so.
        ending = source.data[source.at:source.at + 2]
        if not b"\r\n".startswith(ending):
            raise Fault(f"a chunk does not end where it says: {ending!r}")
        source.take(2)
    message.body = b"".join(body)
    message.trailers = take_fields(source)


def framing(message):
    """The length, "chunked", or None without either."""
    lengths, codings = message.all(b"content-length"), message.all(b"transfer-encoding")
    if codings:
        if lengths:
            raise Fault("a length and a coding")
        if len(codings) > 1 or codings[0].lower() != b"chunked":
            raise Fault(f"another coding than chunked: {codings!r}")
        if message.minor == 0:
            raise Fault("a coding in HTTP/1.0")
        return "chunked"
    if not lengths:
        return None
    if len(lengths) > 1 or not LENGTH.fullmatch(lengths[0]) or int(lengths[0]) >= 1 << 63:
        raise Fault(f"no length: {lengths!r}")
    return int(lengths[0])


def check_target(method, target):
    if method == b"CONNECT":
        good = HOST.fullmatch(target) and b":" in target
    elif target == b"*":
        good = method == b"OPTIONS"
    else:
        good = ORIGIN_FORM.fullmatch(target) or ABSOLUTE_FORM.fullmatch(target)
    if not good:
        raise Fault(f"no target: {target[:200]!r}")


def check_host(request):
    hosts = request.all(b"host")
    if len(hosts) > 1 or (request.minor == 1 and not hosts):
        raise Fault(f"{len(hosts)} Host fields")
    # Empty is what a client sends that knows of no host (RFC 9112, 3.2).
    if hosts and hosts[0] and not HOST.fullmatch(hosts[0]):
        raise Fault(f"no host: {hosts[0][:200]!r}")


def take_request(data, *, lenient=False):
    """(request, its size), or None while it is not complete.

    The lenient reading lets pass what a gateway may take and must not send on: chunk extensions, trailers that name framing, and
    any visible bytes as a target.
    """
    source = Bytes(data)
    try:
        start = REQUEST_LINE.fullmatch(line := source.line())
        if not start:
            raise Fault(f"no request line: {line[:200]!r}")
        if not lenient:
            check_target(start[1], start[2])
        request = Request(take_fields(source), method=start[1], target=start[2], minor=int(start[3]))
        check_host(request)
        length = framing(request)
        if length == "chunked":
            take_chunks(source, request, lenient)
            if not lenient and any(name.lower() in NEVER_TRAILERS for name, _ in request.trailers):
                raise Fault(f"framing or routing in trailers: {request.trailers!r}")
        elif length:
            request.body = source.take(length)
    except Incomplete:
        return None
    request.raw = data[:source.at]
    return request, source.at


def take_response(data, method, ended=False, *, lenient=False):
    """(response, its size), or None while it is not complete; `ended` says that no more bytes come.

    The lenient reading lets pass chunk extensions, a status line without the blank before a missing reason, and framing that an
    interim response or a 204 has in vain.
    """
    source = Bytes(data)
    try:
        line = source.line()
        start = STATUS_LINE.fullmatch(line + b" " if lenient and line.count(b" ") == 1 else line)
        if not start:
            raise Fault(f"no status line: {line[:200]!r}")
        response = Response(take_fields(source), minor=int(start[1]), status=int(start[2]))
        length = framing(response)
        if response.status < 200 or response.status == 204:
            if length is not None and not lenient:
                raise Fault(f"a framed body in a {response.status}")
        elif method == b"HEAD" or response.status == 304:
            pass
        elif length == "chunked":
            take_chunks(source, response, lenient)
        elif length is not None:
            response.body = source.take(length)
        else:
            response.until_end = True
            if not ended:
                return None
            response.body = source.take(len(data) - source.at)
    except Incomplete:
        return None
    response.raw = data[:source.at]
    return response, source.at


@dataclass
class Reading:
    """All requests of a stream: what stands behind the last complete one is nothing ("clean"), a beginning ("cut") or a fault."""

    requests: list
    end: str
    reason: str = ""
    rest: bytes = b""


def read_requests(data, *, lenient=False):
    """The lenient reading also lets pass empty lines before a request (RFC 9112, 2.2)."""
    requests = []
    while True:
        while lenient and data.startswith(b"\r\n"):
            data = data[2:]
        if not data:
            return Reading(requests, "clean")
        try:
            taken = take_request(data, lenient=lenient)
        except Fault as fault:
            return Reading(requests, "fault", str(fault), data)
        if taken is None:
            return Reading(requests, "cut", "", data)
        requests.append(taken[0])
        data = data[taken[1]:]
