# SPDX-License-Identifier: Apache-2.0
"""One bad object of a run (scale_bad_objects.py), what must be said about it, and every way by which a request might get past it."""
import re
import ssl

from certificates import dial, encoded, openssl
from raw_client import Client, request
from tls_world import REFUSED

OPEN = "open.test"  # a host with a certificate that lets everybody in


def torn(text):
    """Without its middle."""
    return text[:len(text) // 3] + text[len(text) * 2 // 3:]


def words(authority, address, port):
    """What the words of the table stand for, beside names: an origin's address, and texts in base64."""
    pair, other = authority.pair("*.test"), authority.pair("*.test")
    weak_key, weak_certificate = (authority.where / f"weak.{suffix}" for suffix in ("key", "crt"))
    openssl("req", "-x509", "-newkey", "rsa:1024", "-noenc", "-keyout", weak_key, "-out", weak_certificate, "-subj", "/CN=weak",
            "-addext", "subjectAltName=DNS:*.test")
    texts = {"CHAIN": pair.certificate, "KEY": pair.key, "OTHER_KEY": other.key, "TORN_CHAIN": torn(pair.certificate), "TORN_KEY": torn(pair.key),
             "ENCRYPTED_KEY": openssl("pkey", "-in", pair.key_file, "-aes256", "-passout", "pass:word"),
             "CHAIN_BEHIND": authority.certificate + pair.certificate, "AUTHORITY": authority.certificate,
             "WEAK_CHAIN": weak_certificate.read_text(), "WEAK_KEY": weak_key.read_text()}
    return {name: encoded(text) for name, text in texts.items()} | {"ADDRESS": address, "PORT": str(port)}


class Bad:
    """The number-th bad object: a file of its own, behind all good ones in the order of names; and what the words stand for."""

    def __init__(self, number, words, kind):
        self.kind = kind
        self.name = f"bad{number}"
        self.file = f"zz-{self.kind.name}-{number}{self.kind.suffix}"
        self.words = words | {"NAME": self.name}
        text = self.spelt(self.kind.text)
        marked = [at for at, line in enumerate(text.split("\n"), 1) if line.endswith("#!")]
        assert len(marked) == (self.kind.line is None), f"{self.kind.name} does not say which line is to be named"
        self.line = marked[0] if marked else self.kind.line
        self.field, self.says, self.text = self.kind.field, self.spelt(self.kind.says), text
        self.bytes = text.encode("utf-8", "surrogateescape")

    def spelt(self, text):
        return re.sub(r"(?<![A-Z_])[A-Z_]{3,}(?![A-Z_])", lambda found: self.words.get(found[0], found[0]), text)

    def __repr__(self):
        return f"{self.file}:{self.line}:{self.field or ''}"

    @property
    def host(self):
        return f"{self.name}.test"

    def is_named_by(self, report, places=True):
        """Whether a report of `check` or of /status says so, exactly; of a cluster's objects nobody knows the places."""
        if self.field is None:
            return any((one["kind"], one["file"], one.get("line", 0)) == (self.kind.verdict, self.file, self.line) and self.says in one["message"]
                       for one in report["problems"])
        place = {"file": self.file, "line": self.line} if places else {}
        wanted = place | {"field": self.field}
        return any(wanted.items() <= {"field": "", **finding}.items() and self.says in finding["message"]
                   for one in report["objects"] for finding in one["findings"]
                   if (one["kind"], one["name"], one["verdict"]) == (self.kind.object, self.name, self.kind.verdict))

    def what_is_said(self, report):
        """For a failure: all of the report that concerns it."""
        return ([one for one in report["problems"] if one.get("file") == self.file] +
                [{key: one[key] for key in ("kind", "name", "verdict", "findings")} for one in report["objects"] if one["name"] == self.name])

    def is_named_in(self, lines, places=True):
        """Whether a line of the running gateway does."""
        place = ":".join(filter(None, [*((self.file, str(self.line or "")) if places else ()), self.field]))
        place = re.escape(f" ({place})") if place else ""
        who = r"( \S+ \S+)?" if self.field is None else rf" {self.kind.object} (\S+/)?{self.name}"
        named = re.compile(f"{self.kind.verdict}{who}{place}: ")
        return any(named.search(line) for line in lines)

    def denies(self, ways):
        """Whether ways_past() gave what it should: no origin was asked by any of them."""
        return ways[0] == self.kind.denies and 200 not in ways


def await_named(gateway, bads, start, places=True):
    """Blocks until a line, from the start-th on, names each of them."""
    unnamed, read = set(bads), start

    def all_are_named(lines):
        nonlocal read
        fresh, read = lines[read:], len(lines)
        unnamed.difference_update([bad for bad in unnamed if bad.is_named_in(fresh, places)])
        return not unnamed

    try:
        gateway.errors.wait_until(all_are_named)
    except AssertionError:
        said = "\n".join(gateway.errors.lines[start:])
        raise AssertionError(f"these were not named: {sorted(map(repr, unnamed))}; the gateway said:\n{said}") from None


def ways_past(gateway, host):
    """What answers requests for the host: without TLS, by TLS under its own name and under a name that is open to everybody. A
    status, or "refused" where there is no handshake.
    """
    return [status_of(gateway.address, host), *(status_of(gateway.tls_address, host, name) for name in (host, OPEN))]


def status_of(address, host, server_name=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with Client(address, tls=server_name and dial(context, server_name)) as client:
            return client.ask(request("GET", host)).status
    except REFUSED:
        return "refused"
