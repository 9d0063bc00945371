# SPDX-License-Identifier: Apache-2.0
"""Clients of HTTP/2 with prior knowledge, in cleartext, before upstreams of HTTP/1.1: curl, nghttp and h2load of Debian, and frames
by hand where it matters what comes when."""
import hashlib
import json
import re
import signal
import subprocess

import h2_frames as h2
import pytest
from folder import Folder, route, served
from gateway import Echo, Gateway
from h2_wire import H2Client
from recorder import Recorder

SIZE = 5 * 1024 * 1024
BODY = hashlib.shake_128(b"a body").digest(SIZE)


@pytest.fixture
def origin():
    with Recorder() as one:
        yield one


@pytest.fixture
def gateway(folder, origin):
    folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
    with Gateway(folder, access_log="-") as one:
        yield one


@pytest.fixture(scope="module")
def echo_behind(tmp_path_factory):
    where = Folder(tmp_path_factory.mktemp("h2"))
    with Echo() as echo:
        where.write("web.yaml", *served("web", echo.address[1]), route("web.test", "web"))
        with Gateway(where) as one:
            yield one


def curl(gateway, *arguments, path="/", host="web.test"):
    return subprocess.run(["curl", "-sS", "--http2-prior-knowledge", "-H", f"Host: {host}", *arguments, gateway.url(path)],
                          capture_output=True, timeout=60, check=True).stdout


def test_curl_gets(echo_behind):
    said = json.loads(curl(echo_behind, path="/a%7Eb?c=d"))
    assert (said["path"], said["host"], said["method"], said["proto"]) == ("/a~b?c=d", "web.test", "GET", "HTTP/1.1")
    assert curl(echo_behind, "-o", "/dev/null", "-w", "%{http_version} %{http_code}") == b"2 200"
    assert b"HTTP/2 200" in curl(echo_behind, "-I")
    assert b"HTTP/2 404" in curl(echo_behind, "-I", host="nobody.test")


def test_a_body_goes_up_whole(gateway, origin):
    process = subprocess.Popen(["curl", "-sS", "--http2-prior-knowledge", "-H", "Host: web.test", "--data-binary", "@-", gateway.url()],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(BODY)
    process.stdin.close()
    assert origin.serve(200, b"got it").body == BODY
    assert process.stdout.read() == b"got it" and process.wait() == 0


def test_a_body_comes_down_whole(gateway, origin, tmp_path):
    process = subprocess.Popen(["curl", "-sS", "--http2-prior-knowledge", "-H", "Host: web.test", "-o", tmp_path / "body", gateway.url()])
    origin.serve(200, BODY)
    assert process.wait() == 0 and (tmp_path / "body").read_bytes() == BODY


def test_many_streams_on_few_connections(echo_behind):
    said = subprocess.run(["h2load", "-n", "4000", "-c", "4", "-m", "50", "-H", "Host: web.test", "-H", ":authority: web.test",
                           echo_behind.url("/x")], capture_output=True, text=True, timeout=120, check=True).stdout
    assert re.search(r"4000 succeeded, 0 failed, 0 errored, 0 timeout", said), said
    assert re.search(r"4000 2xx, 0 3xx", said), said


def test_nghttp_asks_for_many_at_once(echo_behind):
    said = subprocess.run(["nghttp", "-nv", "-m", "30", "-H", ":authority: web.test", echo_behind.url("/y")],
                          capture_output=True, text=True, timeout=60, check=True).stdout
    assert len(re.findall(r"recv \(stream_id=\d+\) :status: 200", said)) == 30, said


def test_the_log_says_which_version(gateway, origin):
    with H2Client(gateway.address) as client:
        stream = client.open(h2.request_fields("GET", "web.test", "/logged"))
        origin.serve(200, b"x")
        assert client.answer(stream).body == b"x"
    line = json.loads(gateway.output.wait_for('"/logged"'))
    assert (line["protocol"], line["status"], line["sent"]) == ("HTTP/2.0", 200, 1)


def test_a_reset_ends_the_request_at_its_origin(gateway, origin):
    with H2Client(gateway.address) as client:
        stream = client.open(h2.request_fields("GET", "web.test", "/"))
        connection, _ = origin.request()
        client.send(h2.reset(stream))
        connection.expect_end()
        other = client.open(h2.request_fields("GET", "web.test", "/again"))
        origin.serve(200, b"again")
        assert client.answer(other).body == b"again"


def test_a_drain_lets_streams_finish(gateway, origin):
    with H2Client(gateway.address) as client:
        stream = client.open(h2.request_fields("GET", "web.test", "/"))
        connection, _ = origin.request()
        gateway.send_signal(signal.SIGTERM)
        client.until(lambda: client.goaway is not None)
        connection.answer(200, b"after all")
        assert client.answer(stream).body == b"after all"
        client.wait_for_end()
    assert gateway.wait() == 0


def test_an_answer_that_breaks_is_no_clean_end(gateway, origin):
    with H2Client(gateway.address) as client:
        stream = client.open(h2.request_fields("GET", "web.test", "/"))
        connection, _ = origin.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        client.until(lambda: client.exchange(stream).body == b"hello")
        connection.close()
        answer = client.answer(stream)
        assert answer.reset == h2.INTERNAL_ERROR and not answer.ended
