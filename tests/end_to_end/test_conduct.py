# SPDX-License-Identifier: Apache-2.0
"""How the gateway behaves among other HTTP software: Date, Server, OPTIONS *, conditional and range requests, its own answers,
IPv6, and the everyday clients.
"""
import email.utils
import http.client
import json
import subprocess

import pytest
from folder import described, endpoint_slice, route, served, service
from gateway import Gateway
from raw_client import Client, once, request
from recorder import Recorder

DATE = "Tue, 03 Mar 2026 00:00:00 GMT"


def test_date_and_server_are_added_when_they_are_missing(site):
    _, response, _ = site.exchange(site.request())
    assert email.utils.parsedate_to_datetime(response.get("Date")).tzinfo is not None
    assert response.get("Date").endswith(" GMT") and response.get("Server") == "sallyport"


def test_date_and_server_of_the_origin_pass(site):
    _, response, _ = site.exchange(site.request(), "GET", 200, b"", f"Date: {DATE}", "Server: origin")
    assert (response.get("Date"), response.get("Server")) == (DATE, "origin")


def test_server_is_replaced_if_wanted(site_with):
    _, response, _ = site_with("--server-header", "replace").exchange(b"GET / HTTP/1.1\r\nHost: HOST\r\n\r\n", "GET", 200, b"", "Server: origin")
    assert response.get("Server") == "sallyport"


def test_server_is_left_out_if_wanted(site_with):
    site = site_with("--server-header", "off")
    _, response, _ = site.exchange(site.request(), "GET", 200, b"", "Server: origin")
    assert response.get("Server") is None
    assert once(site.gateway.address, request("GET", "nobody.test")).get("Server") is None


def test_there_is_no_via(site):
    _, response, arrived = site.exchange(site.request())
    assert response.get("Via") is None and arrived.get("Via") is None


def test_via_of_others_passes(site):
    _, response, arrived = site.exchange(site.request("GET", "/", "Via: 1.1 a"), "GET", 200, b"", "Via: 1.1 b")
    assert (response.get("Via"), arrived.get("Via")) == ("1.1 b", "1.1 a")


def test_options_of_the_whole_server_is_answered_by_the_gateway(site):
    client = site.client()
    response = client.ask(site.request("OPTIONS", "*"))
    assert response.status in (200, 204) and "GET" in response.get("Allow")
    assert not response.closes and site.arrivals() == []


def test_options_of_a_path_passes(site):
    assert site.forwarded(site.request("OPTIONS", "/a")) == site.request("OPTIONS", "/a")


def test_range_and_conditional_requests_pass(site):
    lines = ("Range: bytes=0-4", 'If-Match: "a"', 'If-None-Match: "b"', f"If-Modified-Since: {DATE}", f"If-Unmodified-Since: {DATE}",
             'If-Range: "a"')
    data = site.request("GET", "/", *lines)
    client = site.client()
    client.send(data)
    connection, arrived = site.origin.request()
    assert [f"{name}: {value}" for name, value in arrived.fields[1:7]] == list(lines)
    connection.answer(206, b"hello", "Content-Range: bytes 0-4/10")
    response = client.read_response()
    assert (response.status, response.get("Content-Range"), response.body) == (206, "bytes 0-4/10", b"hello")


# HTTP/1.0 need not name a host: for the origin it is the address that was connected to, on the port that clients call.
def test_a_request_for_no_host_is_for_the_address_that_it_came_to(folder):
    any_host = described("sallyport.dev/v1alpha1", "GateRoute", "any") | {"spec": {"rules": [{"backends": [{"service": "web", "port": 80}]}]}}
    with Recorder() as origin:
        folder.write("any.yaml", *served("web", origin.port), any_host)
        with Gateway(folder) as gateway, Client(gateway.address) as client:
            client.send(b"GET /a HTTP/1.0\r\n\r\n")
            arrived = origin.serve()
            assert client.read_response().status == 200
    assert [value for name, value in arrived.fields if name == "Host"] == ["127.0.0.1"]
    assert arrived.get("X-Forwarded-Host") is None


def test_trace_is_not_served(site):
    response = site.refuses(site.request("TRACE", "/"), 405, "H1-11")
    assert "GET" in response.get("Allow") and "TRACE" not in response.get("Allow")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH", "OPTIONS"])
def test_a_host_that_nobody_serves_is_404_and_the_connection_stays(site, method):
    client = site.client()
    for _ in range(2):
        response = client.ask(request(method, "nobody.test", "/secret?a=b"))
        assert response.status == 404 and not response.closes
        assert b"secret" not in response.body and b"nobody" not in response.body
        assert response.get("Content-Type").startswith("text/plain") and response.get("X-Content-Type-Options") == "nosniff"


def test_an_answer_of_the_gateway_to_head_has_the_same_head_and_no_body(site):
    client = site.client()
    full = client.ask(request("GET", "nobody.test"))
    bare = client.ask(request("HEAD", "nobody.test"), "HEAD")
    assert [field for field in bare.fields if field[0] != "Date"] == [field for field in full.fields if field[0] != "Date"]
    assert int(bare.get("Content-Length")) == len(full.body) > 0
    assert client.ask(request("GET", "nobody.test")).status == 404


def test_a_refused_head_request_gets_no_body(site):
    response = site.refuses(site.request("HEAD", "/%00"), 400, "H1-20", "HEAD")
    assert int(response.get("Content-Length")) > 0


def test_cookies_pass_line_by_line(site):
    data = site.request("GET", "/", "Cookie: a=b", "Cookie: c=d")
    client = site.client()
    client.send(data)
    connection, arrived = site.origin.request()
    assert arrived.all("Cookie") == ["a=b", "c=d"]
    connection.send(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b, c\r\nSet-Cookie: d=e\r\nContent-Length: 0\r\n\r\n")
    assert client.read_response().all("Set-Cookie") == ["a=b, c", "d=e"]


def test_ipv6_clients_and_endpoints(folder):
    with Recorder(("::1", 0)) as origin:
        slices = endpoint_slice("web", origin.port, ("::1",), family="IPv6")
        folder.write("web.yaml", service("web"), slices, route("web.test", "web"))
        with Gateway(folder, addresses=("::1", "127.0.0.1")) as gateway:
            assert sorted(address for address, _ in gateway.addresses) == ["127.0.0.1", "::1"]
            six = next(address for address in gateway.addresses if address[0] == "::1")
            with Client(six) as client:
                client.send(request("GET", "web.test"))
                assert origin.serve().get("X-Forwarded-For") == "::1"
                assert client.read_response().status == 200


def test_curl(site):
    url = site.gateway.url("/a?b=c")
    command = ["curl", "-sS", "-i", "--max-time", "20", "-H", f"Host: {site.host}", "--data-binary", "hello", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as curl:
        arrived = site.origin.serve(201, b"made")
        said = curl.stdout.read()
    assert (arrived.method, arrived.target, arrived.body) == ("POST", "/a?b=c", b"hello")
    assert said.startswith(b"HTTP/1.1 201 ") and said.endswith(b"\r\n\r\nmade") and curl.returncode == 0


def test_curl_with_a_large_body_that_waits_to_be_asked_for(site, tmp_path):
    (tmp_path / "body").write_bytes(b"a" * 2_000_000)
    command = ["curl", "-sS", "--max-time", "20", "-H", f"Host: {site.host}", "-H", "Expect: 100-continue", "--expect100-timeout", "20",
               "-T", str(tmp_path / "body"), site.gateway.url("/up")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as curl:
        arrived = site.origin.serve(200, b"got it")
        assert curl.stdout.read() == b"got it"
    assert (arrived.method, arrived.body) == ("PUT", b"a" * 2_000_000)


def test_python_http_client_with_a_chunked_body(site):
    client = http.client.HTTPConnection(*site.gateway.address, timeout=20)
    client.putrequest("POST", "/", skip_host=True)
    client.putheader("Host", site.host)
    client.putheader("Transfer-Encoding", "chunked")
    client.endheaders(iter([b"hello ", b"world"]), encode_chunked=True)
    assert site.origin.serve(200, json.dumps({"a": 1}).encode()).body == b"hello world"
    response = client.getresponse()
    assert json.loads(response.read()) == {"a": 1}
    client.close()
