# SPDX-License-Identifier: Apache-2.0
"""Certificates as a test needs them, made by the openssl command, the Secrets that hold them, and Python's TLS for both sides."""
import base64
import dataclasses
import functools
import pathlib
import ssl
import subprocess

from folder import described

NEW_KEYS = {
    "ec": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "rsa": ("-newkey", "rsa:2048"),
}


@dataclasses.dataclass(frozen=True)
class Pair:
    """A certificate with its chain, and its key: PEM, and the files that hold it."""
    certificate: str
    key: str
    certificate_file: pathlib.Path
    key_file: pathlib.Path

    def secret(self, name, namespace="default"):
        return secret(name, self.certificate, self.key, namespace)


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def secret(name, certificate, key, namespace="default"):
    """A Secret of type kubernetes.io/tls, whatever is in it."""
    return described("v1", "Secret", name, namespace) | {"type": "kubernetes.io/tls",
                                                        "data": {"tls.crt": encoded(certificate), "tls.key": encoded(key)}}


def authority_secret(name, authority, namespace="default", revocations=None):
    data = {"ca.crt": encoded(authority.certificate)} | ({"ca.crl": encoded(revocations)} if revocations else {})
    return described("v1", "Secret", name, namespace) | {"type": "Opaque", "data": data}


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Authority:
    """Signs what a test asks for. Its files lie in a folder of the test, which must not be the one that the gateway reads."""

    def __init__(self, where, name="Sallyport test authority", kind="ec"):
        self.where, self.made = pathlib.Path(where), 0
        self.where.mkdir(parents=True, exist_ok=True)
        self.key_file, self.certificate_file = self.where / "ca.key", self.where / "ca.crt"
        openssl("req", "-x509", *NEW_KEYS[kind], "-noenc", "-keyout", self.key_file, "-out", self.certificate_file, "-days", 30, "-subj",
                f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self.certificate = self.certificate_file.read_text()

    def pair(self, *names, days=20, kind="ec", subject=None, usage="serverAuth", extra=()):
        """For these DNS names (or `IP:1.2.3.4`); `extra` are more arguments of `openssl req`."""
        self.made += 1
        key_file, certificate_file = (self.where / f"{self.made}.{suffix}" for suffix in ("key", "crt"))
        alternatives = ",".join(name if name.startswith("IP:") else f"DNS:{name}" for name in names)
        named = ("-addext", f"subjectAltName={alternatives}") if names else ()
        openssl("req", "-x509", "-CA", self.certificate_file, "-CAkey", self.key_file, *NEW_KEYS[kind], "-noenc", "-keyout", key_file,
                "-out",
                certificate_file, "-days", days, "-subj", f"/CN={subject or (names[0] if names else 'nobody')}", *named, "-addext",
                "basicConstraints=critical,CA:FALSE", "-addext", f"extendedKeyUsage={usage}", *extra)
        return Pair(certificate_file.read_text(), key_file.read_text(), certificate_file, key_file)

    def dated(self, *names, begin, end):
        """The same, valid between these times ("20300101000000Z")."""
        self.made += 1
        key_file, request, certificate_file, extensions, settings, index = (
            self.where / f"{self.made}.{suffix}" for suffix in ("key", "csr", "crt", "extensions", "settings", "index"))
        openssl("req", "-new", *NEW_KEYS["ec"], "-noenc", "-keyout", key_file, "-out", request, "-subj", f"/CN={names[0]}")
        extensions.write_text(f"subjectAltName = {','.join(f'DNS:{name}' for name in names)}\nextendedKeyUsage = serverAuth\n")
        index.write_text("")
        settings.write_text(f"[ca]\ndefault_ca = one\n[one]\ndatabase = {index}\nnew_certs_dir = {self.where}\ndefault_md = sha256\n"
                            "rand_serial = yes\npolicy = any\n[any]\ncommonName = supplied\n")
        openssl("ca", "-batch", "-notext", "-config", settings, "-keyfile", self.key_file, "-cert", self.certificate_file,
                "-in", request, "-out", certificate_file, "-startdate", begin, "-enddate", end, "-extfile", extensions)
        return Pair(certificate_file.read_text(), key_file.read_text(), certificate_file, key_file)

    def revocations(self, *pairs):
        """The list (CRL) of those that it has revoked."""
        index, settings, made = (self.where / name for name in ("index", "settings", "list.pem"))
        serials = [openssl("x509", "-in", pair.certificate_file, "-noout", "-serial").strip().partition("=")[2] for pair in pairs]
        index.write_text("".join(f"R\t491231235959Z\t200101000000Z\t{serial}\tunknown\t/CN=x\n" for serial in serials))
        settings.write_text(f"[ca]\ndefault_ca = one\n[one]\ndatabase = {index}\ndefault_md = sha256\n")
        openssl("ca", "-config", settings, "-gencrl", "-keyfile", self.key_file, "-cert", self.certificate_file, "-crldays", 20, "-out", made)
        return made.read_text()

    def client(self, alpn=("h2", "http/1.1"), pair=None, versions=None):
        """A context of a client that trusts this authority; `pair` is what it shows of itself, `versions` the lowest and highest."""
        context = ssl.create_default_context(cadata=self.certificate)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if pair:
            context.load_cert_chain(pair.certificate_file, pair.key_file)
        if versions:
            context.minimum_version, context.maximum_version = versions
        return context

    def server(self, pair, alpn=("h2", "http/1.1"), asks_for_client=False):
        """A context of a server, an origin that is reached by TLS."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate_file, pair.key_file)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if asks_for_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=self.certificate)
        return context


def dial(context, server_name, session=None):
    """What a Client's `tls` wants: the handshake over a connected socket, with this server name."""
    return functools.partial(context.wrap_socket, server_hostname=server_name, session=session)


def served_by(context):
    """The same of an origin."""
    return functools.partial(context.wrap_socket, server_side=True)
