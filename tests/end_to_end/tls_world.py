# SPDX-License-Identifier: Apache-2.0
"""Hosts with certificates and demands of every kind behind one gateway, and clients that ask it by TLS."""
import contextlib
import ssl

from certificates import Authority, authority_secret, dial
from folder import Folder, ingress, path, rule, served
from gateway import Gateway
from origins import Origins
from raw_client import Client, Ended, request

# What a handshake that comes to nothing looks like from the client's side, which in TLS 1.3 may think for a moment that it did.
REFUSED = (ssl.SSLError, ConnectionError, Ended)


def closed(mode, authority):
    return {"sallyport.dev/client-certificate": mode, "sallyport.dev/client-certificate-ca": authority}


class World:
    """The authorities, the folder and the gateway; `asks(...)` says what becomes of one request."""

    def __init__(self, where, *options, access_log="off"):
        self.authority = Authority(where / "authority")
        self.clients, self.others = Authority(where / "clients", "clients"), Authority(where / "others", "other clients")
        self.folder = Folder(where / "objects")
        self.stack = contextlib.ExitStack()
        self.origins = self.stack.enter_context(Origins("web"))
        self.write()
        self.gateway = self.stack.enter_context(Gateway(self.folder, *options, tls=True, access_log=access_log))
        self.contexts = {}

    def write(self):
        made = self.authority.pair
        self.pairs = {"open": made("open.test", "also.test"), "closed": made("closed.test"), "optional": made("optional.test"),
                      "other": made("other.test"), "wild": made("*.wild.test"), "broken": made("broken.test"), "default": made("default.test")}
        secrets = [pair.secret(name) for name, pair in self.pairs.items()]
        self.folder.write("secrets.yaml", *secrets, authority_secret("clients", self.clients), authority_secret("others", self.others))
        self.folder.write("web.yaml", *served("web", self.origins.ports["web"]), *self.ingresses())

    def ingresses(self):
        def one(name, hosts, secret, annotations=None):
            return ingress(name, *(rule(host, path("/", "web")) for host in hosts), tls=[{"hosts": hosts, "secretName": secret}],
                           annotations=annotations)

        return [one("open", ["open.test", "also.test"], "open"), one("closed", ["closed.test"], "closed", closed("require", "clients")),
                one("optional", ["optional.test"], "optional", closed("optional", "clients")),
                one("other", ["other.test"], "other", closed("require", "others")),
                one("wild", ["*.wild.test"], "wild", closed("require", "clients")), one("open-wild", ["open.wild.test"], "wild"),
                one("broken", ["broken.test"], "broken", closed("require", "nowhere"))]

    def context(self, alpn=("http/1.1",), pair=None, versions=None):
        """One for each kind, so that sessions of one connection may be offered on another."""
        key = (alpn, pair and pair.certificate_file, versions)
        if key not in self.contexts:
            self.contexts[key] = self.authority.client(alpn, pair, versions)
            self.contexts[key].check_hostname = False
            self.contexts[key].verify_mode = ssl.CERT_NONE
        return self.contexts[key]

    def client(self, name, session=None, kind=Client, **more):
        return kind(self.gateway.tls_address, tls=dial(self.context(**more), name, session))

    def asks(self, name, host=None, data=None, **more):
        """The status of one request, or "refused"."""
        try:
            with self.client(name, **more) as client:
                return client.ask(data or request("GET", host or name)).status
        except REFUSED:
            return "refused"

    def close(self):
        self.stack.close()


def hello_of(context, name):
    """The first that a client says."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def shown(client):
    """The DNS names of the certificate that the server showed; `client` must have verified it."""
    return [value for kind, value in client.socket.getpeercert()["subjectAltName"] if kind == "DNS"]
