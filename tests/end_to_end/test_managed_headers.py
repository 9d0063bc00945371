# SPDX-License-Identifier: Apache-2.0
"""Fields of the hop (H1-14) and fields that only the gateway or a trusted proxy may set (law 9)."""
import re

import pytest
from raw_client import request
from sites import own

CLAIMS = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server",
          "X-Forwarded-Ssl", "X-Forwarded-Anything", "Forwarded", "X-Real-IP", "X-Request-Id", "X-Envoy-External-Address",
          "X-Original-URL", "X-Rewrite-URL"]


def casings(name):
    return [name, name.lower(), name.upper(), name.swapcase()]


def managed(arrived):
    return {name.lower(): value for name, value in arrived.fields if name.lower().startswith("x-forwarded-") or name.lower() == "x-request-id"}


def test_every_request_is_told_who_asked_for_what(site):
    _, _, arrived = site.exchange(site.request())
    told = managed(arrived)
    assert re.fullmatch("[0-9a-f]{32}", told.pop("x-request-id"))
    assert told == {"x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http", "x-forwarded-host": site.host, "x-forwarded-port": "80"}


def test_the_port_is_the_listeners_whatever_host_claims(site):
    _, _, arrived = site.exchange(b"GET / HTTP/1.1\r\nHost: HOST:8080\r\n\r\n")
    told = managed(arrived)
    assert (told["x-forwarded-host"], told["x-forwarded-port"]) == (f"{site.host}:8080", "80")


def test_request_ids_are_unique(site):
    client = site.client()
    seen = set()
    for _ in range(100):
        client.send(site.request())
        seen.add(managed(site.origin.serve())["x-request-id"])
        assert client.read_response().status == 200
    assert len(seen) == 100


@pytest.mark.parametrize("name", CLAIMS)
def test_what_a_stranger_claims_of_itself_is_dropped_in_every_spelling(site, name):
    lines = [f"{spelling}: 10.9.8.7" for one in (name, name.replace("-", "_"), name.replace("-", "_", 1)) for spelling in casings(one)]
    _, _, arrived = site.exchange(site.request("GET", "/", *lines))
    assert own(arrived) == site.request() and b"10.9.8.7" not in arrived.raw


@pytest.mark.parametrize("name", CLAIMS)
def test_and_with_underscores_kept_as_well(site_with, name):
    site = site_with("--underscores", "keep")
    _, _, arrived = site.exchange(site.request("GET", "/", *(f"{one}: 10.9.8.7" for one in casings(name.replace("-", "_")))))
    assert own(arrived) == site.request() and b"10.9.8.7" not in arrived.raw


@pytest.fixture
def trusted(site_with):
    return site_with("--trusted-proxies", "127.0.0.0/8")


def test_a_trusted_proxy_is_believed(trusted):
    lines = ["X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: shop.test", "X-Forwarded-Port: 443",
             "X-Request-Id: from-outside", "X-Real-IP: 203.0.113.7", "Forwarded: for=203.0.113.7"]
    _, _, arrived = trusted.exchange(trusted.request("GET", "/", *lines))
    assert managed(arrived) == {"x-forwarded-for": "203.0.113.7, 127.0.0.1", "x-forwarded-proto": "https", "x-forwarded-host": "shop.test",
                                "x-forwarded-port": "443", "x-request-id": "from-outside"}
    assert (arrived.get("X-Real-IP"), arrived.get("Forwarded")) == ("203.0.113.7", "for=203.0.113.7")


def test_a_trusted_proxys_chain_of_several_lines_is_continued(trusted):
    _, _, arrived = trusted.exchange(trusted.request("GET", "/", "X-Forwarded-For: 203.0.113.7, 10.0.0.1", "X-Forwarded-For: 10.0.0.2"))
    assert arrived.get("X-Forwarded-For") == "203.0.113.7, 10.0.0.1, 10.0.0.2, 127.0.0.1"


@pytest.mark.parametrize("name", ["X_Forwarded_For", "x_real_ip", "X_Request_Id"])
def test_spellings_with_an_underscore_are_dropped_even_from_a_trusted_proxy(trusted, name):
    _, _, arrived = trusted.exchange(trusted.request("GET", "/", f"{name}: 10.9.8.7"))
    assert own(arrived) == trusted.request()


def test_an_overlong_request_id_is_replaced_even_from_a_trusted_proxy(trusted):
    _, _, arrived = trusted.exchange(trusted.request("GET", "/", "X-Request-Id: " + "a" * 129))
    assert re.fullmatch("[0-9a-f]{32}", arrived.get("X-Request-Id"))


# H1-14

@pytest.mark.parametrize("named", ["X-Hop", "x-hop", "X-HOP", "close, x-Hop", "keep-alive,X-Hop,,"])
def test_h1_14_fields_that_connection_names_are_stripped_whatever_their_case(site, named):
    data = site.request("GET", "/", "X-Hop: 1", f"Connection: {named}", "x-hop: 2", "B: c")
    assert site.forwarded(data) == site.request("GET", "/", "B: c")


@pytest.mark.parametrize("name", ["Host", "Content-Length", "Authorization", "Cookie"])
@pytest.mark.parametrize("casing", [str, str.lower, str.upper, str.swapcase])
def test_h1_14_connection_may_not_name_host_framing_or_credentials(site, name, casing):
    lines = ("Authorization: Basic QTpi", "Cookie: a=b")
    data = request("POST", site.host, "/", *lines, f"Connection: {casing(name)}", body=b"hello")
    assert site.forwarded(data) == request("POST", site.host, "/", *lines, body=b"hello")


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Request-Id"])
@pytest.mark.parametrize("casing", [str, str.lower, str.upper, str.swapcase])
def test_h1_14_connection_may_not_name_what_the_gateway_sets(site, name, casing):
    _, _, arrived = site.exchange(site.request("GET", "/", f"Connection: {casing(name)}"))
    assert arrived.get(name)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_h1_14_connection_may_not_name_what_a_trusted_proxy_has_set(trusted, name):
    _, _, arrived = trusted.exchange(trusted.request("GET", "/", f"{name}: for=10.9.8.7", f"Connection: {name.lower()}"))
    assert arrived.get(name).startswith("for=10.9.8.7")


@pytest.mark.parametrize("line", ["Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: gzip", "Proxy-Authorization: Basic QTpi",
                                  "Proxy-Authenticate: Basic", "HTTP2-Settings: AAMA", "Trailer: X-Sum", "Connection: keep-alive"])
def test_h1_14_fields_of_the_hop_are_not_sent_on(site, line):
    assert site.forwarded(site.request("GET", "/", line)) == site.request()


def test_h1_14_a_connection_that_is_no_list_of_tokens_is_refused(site):
    site.refuses(site.request("GET", "/", "Connection: a b"), 400, "H1-14")


def test_h1_14_a_connection_that_names_too_many_fields_is_refused(site):
    site.refuses(site.request("GET", "/", "Connection: " + ",".join(f"a{number}" for number in range(200))), 431, "H1-14")
