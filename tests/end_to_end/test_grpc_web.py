# SPDX-License-Identifier: Apache-2.0
"""gRPC-Web: what a browser sends over HTTP/1.1 reaches a server of gRPC's own library, and the trailers come down as a message."""
import base64
import struct
import sys

import pytest
from folder import Folder, http2_service, ingress, path, route, rule
from gateway import Gateway
from grpc_peer import SERVICE, decode, encode
from peer_program import PeerProgram
from raw_client import Client, request
from test_grpc import HERE

HOST, PLAIN = "web.test", "plain.test"
BINARY, TEXT = "application/grpc-web+proto", "application/grpc-web-text"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("grpc-web"))
    asked = ingress("web", rule(HOST, path("/", "echo")), annotations={"sallyport.dev/grpc-web": "true"})
    with PeerProgram(sys.executable, HERE / "grpc_peer.py", "serve") as server:
        folder.write("web.yaml", *http2_service("echo", server.port), asked, route(PLAIN, "echo", "plain"))
        with Gateway(folder) as one:
            yield one


def prefixed(message):
    return b"\0" + struct.pack(">I", len(message)) + message


def asked(gateway, method, body, kind, host=HOST):
    with Client(gateway.address) as client:
        return client.ask(request("POST", host, f"/{SERVICE}/{method}", f"Content-Type: {kind}", "X-Grpc-Web: 1", body=body))


def messages(body):
    """(messages, trailers) of an answer."""
    found, trailers = [], {}
    while body:
        flags, size = struct.unpack(">BI", body[:5])
        message, body = body[5:5 + size], body[5 + size:]
        assert len(message) == size
        if flags & 0x80:
            assert not body, "more behind the trailers"
            trailers = dict(line.split(":", 1) for line in message.decode().split("\r\n") if line)
        else:
            found.append(message)
    return found, trailers


def decoded(text):
    """Several padded texts behind each other."""
    return b"".join(base64.b64decode(text[at:at + 4], validate=True) for at in range(0, len(text), 4))


def call(gateway, method, message, kind):
    body = prefixed(message)
    response = asked(gateway, method, base64.b64encode(body) if kind == TEXT else body, kind)
    assert response.status == 200, response.raw
    assert response.get("Content-Type").startswith(kind.partition("+")[0]), response.raw
    return messages(decoded(response.body) if kind == TEXT else response.body)


@pytest.mark.parametrize("kind", [BINARY, TEXT])
def test_a_call_with_one_answer(gateway, kind):
    for size in (0, 1, 2, 3, 1000, 100_000):
        found, trailers = call(gateway, "Once", encode(b"x" * size), kind)
        assert [decode(one)[0] for one in found] == [b"x" * size]
        assert trailers["grpc-status"] == "0"


@pytest.mark.parametrize("kind", [BINARY, TEXT])
def test_a_call_with_many_answers(gateway, kind):
    found, trailers = call(gateway, "Many", encode(b"again", 50), kind)
    assert [decode(one)[0] for one in found] == [b"again"] * 50
    assert trailers["grpc-status"] == "0"


@pytest.mark.parametrize("kind", [BINARY, TEXT])
def test_a_failure_of_the_server(gateway, kind):
    body = prefixed(encode(b"not now", 9))
    response = asked(gateway, "Fail", base64.b64encode(body) if kind == TEXT else body, kind)
    found, trailers = messages(decoded(response.body) if kind == TEXT else response.body)
    said = trailers or {"grpc-status": response.get("grpc-status"), "grpc-message": response.get("grpc-message")}  # trailers-only
    assert (found, said["grpc-status"], said["grpc-message"]) == ([], "9", "not now")


def test_base64_that_is_none_is_an_answer_of_grpc(gateway):
    response = asked(gateway, "Once", b"AAAA*AAA", TEXT)
    assert (response.status, response.get("grpc-status"), response.get("Content-Type"), response.body) == (200, "13", TEXT, b"")


def test_without_the_annotation_it_passes_as_it_is(gateway):
    """The server does not know it."""
    response = asked(gateway, "Once", prefixed(encode(b"hello")), BINARY, PLAIN)
    assert (response.status, response.get("grpc-status")) != (200, "0"), response.raw


def test_a_host_that_is_not_served_is_an_answer_of_grpc(gateway):
    response = asked(gateway, "Once", prefixed(b""), BINARY, "nobody.test")
    assert (response.status, response.get("grpc-status"), response.get("Content-Type")) == (200, "12", BINARY)
    assert response.get("grpc-message") == "no_host: This host is not served here."
