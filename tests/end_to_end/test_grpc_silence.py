# SPDX-License-Identifier: Apache-2.0
"""Calls of gRPC that last: once it is answered, a client may say nothing for as long as it likes, where an upload would be too slow."""
import h2_frames as h2
from folder import http2_service, route
from gateway import Gateway
from h2_wire import H2Client, H2Recorder

HOST = "grpc.test"
MESSAGE = b"\0\0\0\0\4mess"
GRPC = ("content-type", "application/grpc")


def begin(client, *fields):
    """A request whose first message is not its last; gives its stream."""
    stream, client.next_stream = client.next_stream, client.next_stream + 2
    client.send_head(stream, h2.request_fields("POST", HOST, "/echo.Echo/Chat", *fields), end=False)
    client.send_body(stream, MESSAGE, end=False)
    return stream


def until_body(connection, stream, size):
    exchange = connection.exchange(stream)
    connection.until(lambda: len(exchange.body) >= size or exchange.over)
    assert not exchange.reset and len(exchange.body) == size, exchange


def test_a_call_that_is_answered_may_be_silent_longer_than_an_upload(folder):
    with H2Recorder() as origin:
        folder.write("web.yaml", *http2_service("web", origin.port), route(HOST, "web"))
        with Gateway(folder, "--limit", "body-grace=300") as gateway, H2Client(gateway.address) as client:
            call = begin(client, GRPC)
            upstream = origin.accept()
            until_body(upstream, 1, len(MESSAGE))
            upstream.send_head(1, [(":status", "200"), GRPC], end=False)
            upstream.send_body(1, MESSAGE, end=False)
            until_body(client, call, len(MESSAGE))
            # Whoever is too slow now began to be so later than the call did.
            with H2Client(gateway.address) as other:
                assert other.answer(begin(other, ("content-type", "text/plain"))).status == 408
            client.send_body(call, MESSAGE, end=True)
            until_body(upstream, 1, 2 * len(MESSAGE))
            upstream.send_head(1, [("grpc-status", "0")])
            assert client.answer(call).reset is None
