# SPDX-License-Identifier: Apache-2.0
"""gRPC through the gateway (reference: reliability-security.md G-1, S16): both libraries, as clients and as servers, in every pairing.

Each call of a client is the same as with the server itself; what the gateway answers by itself is what a client of gRPC understands.
"""
import json
import pathlib
import re
import subprocess
import sys
import threading

import pytest
from certificates import Authority, authority_secret
from folder import Folder, http2_service, ingress, path, route, rule, served, service
from gateway import Gateway
from peer_program import PeerProgram
from raw_client import DEADLINE, once, request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HOST = "grpc.test"
SAID = ["once: 0 hello", "metadata: both", "metadata: both", "many: 0 100", "gather: 0 100", "chat: 0 20", "large: 0 same",
        "fail: 9 not now, ä 100%", "deadline: 4 first", "cancel: 1 first"]
LIBRARIES = ["python", "c++"]


@pytest.fixture(scope="session")
def programs():
    """What each library's peer is started with."""
    subprocess.run([ROOT / "tools/build", "release", "grpc_peer"], check=True, stdout=subprocess.DEVNULL)
    return {"python": [sys.executable, HERE / "grpc_peer.py"], "c++": [ROOT / "build/release/grpc/grpc_peer"]}


def call(programs, library, address, authority=HOST, *authorities):
    """The lines that a client says; with a file of authorities by TLS."""
    done = subprocess.run([*programs[library], "call", f"{address[0]}:{address[1]}", authority, *authorities], capture_output=True,
                          text=True, timeout=DEADLINE * 3, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module", params=LIBRARIES)
def server(request, programs):
    with PeerProgram(*programs[request.param], "serve") as one:
        yield one


@pytest.fixture(scope="module")
def gateway(server, tmp_path_factory):
    folder = Folder(tmp_path_factory.mktemp("grpc"))
    folder.write("grpc.yaml", *http2_service("echo", server.address[1]), route(HOST, "echo"))
    with Gateway(folder) as one:
        yield one


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_kind_of_call_is_as_with_the_server_itself(programs, server, gateway, library):
    assert call(programs, library, server.address) == SAID
    assert call(programs, library, gateway.address) == SAID


def test_the_server_hears_that_a_call_is_cancelled(programs, server, gateway):
    before = server.output.lines.count("cancelled")
    call(programs, "python", gateway.address)
    server.output.wait_until(lambda lines: lines.count("cancelled") >= before + 2)  # at its deadline, and by the client


def test_connections_that_the_server_ends_lose_no_call(programs, folder):
    """GOAWAY again and again: what the server did not take goes over another connection."""
    import grpc
    from grpc_peer import Client, encode
    with PeerProgram(*programs["c++"], "serve", 100) as server:
        folder.write("grpc.yaml", *http2_service("echo", server.address[1]), route(HOST, "echo"))
        with Gateway(folder) as gateway:
            once = Client(f"127.0.0.1:{gateway.address[1]}", HOST).unary("Once")
            for number in range(2000):
                try:
                    assert once(encode(b"%d" % number)) == encode(b"%d" % number)
                except grpc.RpcError as error:
                    raise AssertionError(f"call {number}: {error}") from None


def test_a_drain_lets_a_call_finish(server, folder):
    import grpc
    from grpc_peer import SERVICE, Client, encode
    folder.write("grpc.yaml", *http2_service("echo", server.address[1]), route(HOST, "echo"))
    with Gateway(folder, "--drain-timeout", 60) as gateway:
        client = Client(f"127.0.0.1:{gateway.address[1]}", HOST)
        may_ask = threading.Semaphore(1)

        def questions():
            for number in range(5):
                may_ask.acquire()
                yield encode(b"%d" % number)

        answers = []
        call = client.channel.stream_stream(f"/{SERVICE}/Chat")(questions())
        for answer in call:
            answers.append(answer)
            if len(answers) == 1:
                gateway.send_signal(15)
                gateway.errors.wait_for("draining")
            may_ask.release()
        assert answers == [encode(b"%d" % number) for number in range(5)]
        assert call.code() == grpc.StatusCode.OK
        assert gateway.wait() == 0


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_the_gateway_answers_itself_is_what_a_client_of_grpc_understands(programs, folder, library):
    """The client says what came of its first call, and fails there."""
    folder.write("grpc.yaml", service("asleep"), route(HOST, "asleep"))
    with Gateway(folder) as gateway:
        for authority, said in ((HOST, "14"), ("nobody.test", "12")):
            first = call(programs, library, gateway.address, authority)[0]
            assert first.startswith(f"once: {said} no_"), first


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize("library", LIBRARIES)
def test_with_tls_on_both_sides(programs, authority, folder, library):
    pair = authority.pair("echo.default.svc")
    with PeerProgram(*programs[library], "serve", 0, pair.certificate_file, pair.key_file) as server:
        annotations = {"sallyport.dev/upstream-ca": "authorities"}
        folder.write("grpc.yaml", *served("echo", server.port, protocol="https", annotations=annotations),
                     ingress("echo", rule(HOST, path("/", "echo")), tls=[{"hosts": [HOST], "secretName": "web"}]),
                     authority.pair(HOST).secret("web"), authority_secret("authorities", authority))
        with Gateway(folder, tls=True) as gateway:
            for client in LIBRARIES:
                assert call(programs, client, server.address, "echo.default.svc", authority.certificate_file) == SAID
                assert call(programs, client, gateway.tls_address, HOST, authority.certificate_file) == SAID
            assert call(programs, library, gateway.address) == SAID


def test_what_became_of_calls_is_in_the_log_and_the_metrics(programs, folder):
    import grpc
    from grpc_peer import Client, encode
    with PeerProgram(*programs["c++"], "serve") as server:
        folder.write("grpc.yaml", *http2_service("echo", server.port), service("asleep"), route(HOST, "echo"),
                     route("asleep.test", "asleep", "asleep"))
        with Gateway(folder, access_log="-") as gateway:
            address = f"127.0.0.1:{gateway.address[1]}"
            echo = Client(address, HOST)
            echo.unary("Once")(encode(b"hello"))
            for number in (5, 13):
                with pytest.raises(grpc.RpcError):
                    echo.unary("Fail")(encode(b"", number))
            for host in ("asleep.test", "nobody.test"):
                with pytest.raises(grpc.RpcError):
                    Client(address, host).unary("Once")(encode(b"hello"))
            lines = [json.loads(line) for line in gateway.output.wait_until(lambda lines: len(lines) == 5)]
            assert [(line["status"], line["grpc_status"]) for line in lines] == [(200, 0), (200, 5), (200, 13), (200, 14), (200, 12)]
            said = once(gateway.health, request("GET", "localhost", "/metrics")).body.decode()
    for result, count in (("ok", 1), ("client_error", 1), ("server_error", 1)):
        assert re.search(rf'sallyport_grpc_calls_total{{backend="[^"]+echo:80",result="{result}"}} {count}\n', said), said
    assert 'sallyport_grpc_calls_total{backend="",result="server_error"} 1\n' in said
    for status in ("OK", "NOT_FOUND", "INTERNAL", "UNAVAILABLE", "UNIMPLEMENTED"):
        assert f'sallyport_grpc_statuses_total{{status="{status}"}} 1\n' in said
