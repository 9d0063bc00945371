# SPDX-License-Identifier: Apache-2.0
"""Whoever is no trusted proxy cannot say who it is: every field that could, in every form that HTTP/1.1 has for it (A-1, H1-14).

The oracle is the same everywhere: the value is nowhere in the bytes that the origin got, and the fields that the gateway writes say
what is true.
"""
import re

import pytest
from sites import own

# All that the gateway itself manages, and what others of the x-forwarded family are called.
NAMES = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server",
         "X-Forwarded-Ssl", "X-Forwarded-Client-Cert", "X-Forwarded-Scheme", "X-Forwarded-User", "X-Forwarded-Uri", "Forwarded", "X-Real-IP",
         "X-Request-Id", "X-Envoy-External-Address", "X-Original-URL", "X-Rewrite-URL", "X-Sallyport-Explain", "Ssl-Client-Verify",
         "Ssl-Client-Subject-Dn", "X-SSL-Client-Cert", "Client-Cert", "Client-Cert-Chain"]
CLAIM = "203.0.113.66"
BY_NAME = pytest.mark.parametrize("name", NAMES)


def casings(name):
    return [name, name.lower(), name.upper(), name.swapcase()]


def underscored(name):
    """With every '-' as '_', and with one of them; none for a name without."""
    places = [at for at, c in enumerate(name) if c == "-"]
    if not places:
        return []
    return list(dict.fromkeys([name.replace("-", "_"), *(name[:at] + "_" + name[at + 1:] for at in places)]))


def says_the_truth(site, arrived):
    assert CLAIM.encode() not in arrived.raw, arrived.raw
    assert arrived.get("X-Forwarded-For") == "127.0.0.1"
    assert arrived.get("X-Forwarded-Proto") == "http"
    assert arrived.get("X-Forwarded-Host") == site.host
    assert arrived.get("X-Forwarded-Port") == "80"
    assert re.fullmatch("[0-9a-f]{32}", arrived.get("X-Request-Id"))


def arrives(site, data):
    """What the origin got for these very bytes."""
    client = site.client()
    client.send(data)
    arrived = site.origin.serve()
    assert client.read_response().status == 200
    return arrived


def asked_with(site, *lines):
    arrived = arrives(site, site.request("GET", "/", *lines))
    says_the_truth(site, arrived)
    return arrived


def passes_nothing(site, *lines):
    assert own(asked_with(site, *lines)) == site.request()


@BY_NAME
def test_in_any_case(site, name):
    for spelling in casings(name):
        passes_nothing(site, f"{spelling}: {CLAIM}")


@BY_NAME
def test_with_underscores_in_any_case(site, name):
    for spelling in underscored(name):
        for one in casings(spelling):
            passes_nothing(site, f"{one}: {CLAIM}")


@BY_NAME
def test_with_underscores_where_they_are_kept(site_with, name):
    site = site_with("--underscores", "keep")
    passes_nothing(site, *(f"{one}: {CLAIM}" for spelling in underscored(name) for one in casings(spelling)))
    assert b"\r\nX_Own: kept\r\n" in asked_with(site, "X_Own: kept").raw  # the option is in force


@BY_NAME
def test_twice_and_among_other_fields(site, name):
    lines = [f"{name}: {CLAIM}", "Accept: text/html", f"{name.lower()}: {CLAIM}, {CLAIM}", f"{name.replace('-', '_')}: {CLAIM}", f"{name.upper()}: {CLAIM}"]
    assert own(asked_with(site, *lines)) == site.request("GET", "/", "Accept: text/html")


@BY_NAME
def test_with_odd_whitespace_around_the_value(site, name):
    for line in (f"{name}:{CLAIM}", f"{name}:\t{CLAIM}\t", f"{name}:   {CLAIM}   ", f"{name}: \t {CLAIM}, \t{CLAIM}"):
        passes_nothing(site, line)


@BY_NAME
def test_with_an_empty_value(site, name):
    for line in (f"{name}:", f"{name}: ", f"{name}:\t", f"{name.replace('-', '_')}:"):
        passes_nothing(site, line)


# What is no field line of RFC 9112 5.1 is refused, so nobody can read one into it.
@BY_NAME
def test_with_whitespace_that_no_field_may_have(site, name):
    for line in (f"{name} : {CLAIM}", f"{name}\t: {CLAIM}", f" {name}: {CLAIM}", f"\t{name}: {CLAIM}", f"A: b\r\n {name}: {CLAIM}", f"{name}:\x0b{CLAIM}",
                 f"{name}\0: {CLAIM}", f"{name}\xa0: {CLAIM}"):
        client = site.client()
        client.send(site.request("GET", "/", line))
        response = client.read_response()
        assert response.status == 400 and response.closes, response.raw
    assert site.arrivals() == []


@BY_NAME
def test_with_a_line_end_hidden_in_another_field(site, name):
    for end in ("\r", "\n", "\r\r\n"):
        client = site.client()
        client.send(site.request("GET", "/", f"A: b{end}{name}: {CLAIM}"))
        assert client.read_response().status == 400
    assert site.arrivals() == []


# Connection strips what it names; naming what the gateway writes must not strip that.
@BY_NAME
def test_named_by_connection_in_any_case(site, name):
    for casing in casings(name):
        for option in (casing, f"close, {casing}", f"{casing},{casing.lower()}", casing.replace("-", "_")):
            passes_nothing(site, f"Connection: {option}")
            passes_nothing(site, f"{name}: {CLAIM}", f"Connection: {option}")
            passes_nothing(site, f"Connection: {option}", f"{name.lower()}: {CLAIM}")


@BY_NAME
def test_in_trailers_in_every_form(site_with, name):
    site = site_with("--request-trailers", "pass")
    for spelling in [*casings(name), *underscored(name)]:
        head = site.request("POST", "/", "Transfer-Encoding: chunked", f"Trailer: {spelling}, X-Sum")
        trailers = f"{spelling}: {CLAIM}\r\nX-Sum: 1\r\n{spelling.lower()}:{CLAIM}\r\n{spelling}:\r\n\r\n"
        arrived = arrives(site, head + b"1\r\na\r\n0\r\n" + trailers.encode())
        says_the_truth(site, arrived)
        assert (arrived.body, arrived.trailers) == (b"a", [("X-Sum", "1")])


# On one connection after the other: what one request had is not the next one's.
def test_on_a_connection_that_is_used_again(site):
    client = site.client()
    for name in NAMES:
        client.send(site.request("GET", "/", f"{name}: {CLAIM}"))
        says_the_truth(site, site.origin.serve())
        assert client.read_response().status == 200


def test_in_requests_that_come_together(site):
    client = site.client()
    client.send(b"".join(site.request("GET", f"/{number}", f"{name}: {CLAIM}") for number, name in enumerate(NAMES)))
    for number in range(len(NAMES)):
        arrived = site.origin.serve()
        assert arrived.target == f"/{number}"
        says_the_truth(site, arrived)
        assert client.read_response().status == 200


@BY_NAME
def test_from_a_client_of_http_1_0(site, name):
    says_the_truth(site, arrives(site, f"GET / HTTP/1.0\r\nHost: {site.host}\r\n{name}: {CLAIM}\r\n\r\n".encode()))


# Only the peer's own address counts, and 127.0.0.1 is no proxy of these.
@BY_NAME
def test_from_a_neighbour_of_trusted_proxies(site_with, name):
    passes_nothing(site_with("--trusted-proxies", "127.0.0.2/32", "--trusted-proxies", "10.0.0.0/8"), f"{name}: {CLAIM}")


@pytest.fixture
def trusted(site_with):
    return site_with("--trusted-proxies", "127.0.0.0/8")


# Decision 0004: -For is continued; every other claim is the proxy's to make.
@BY_NAME
def test_a_trusted_proxys_claim_is_kept(trusted, name):
    for spelling in casings(name):
        arrived = arrives(trusted, trusted.request("GET", "/", f"{spelling}: {CLAIM}"))
        assert arrived.get(name) == (f"{CLAIM}, 127.0.0.1" if name == "X-Forwarded-For" else CLAIM)


# Two spellings of one name are two stories; which of them an application reads, nobody knows.
@BY_NAME
def test_a_trusted_proxys_underscores_are_dropped(trusted, name):
    for spelling in underscored(name):
        arrived = arrives(trusted, trusted.request("GET", "/", f"{spelling}: {CLAIM}"))
        says_the_truth(trusted, arrived)
        assert own(arrived) == trusted.request()


@BY_NAME
def test_a_trusted_proxys_claim_is_not_stripped_by_connection(trusted, name):
    for casing in casings(name):
        arrived = arrives(trusted, trusted.request("GET", "/", f"{name}: {CLAIM}", f"Connection: {casing}"))
        assert CLAIM in arrived.get(name)


@BY_NAME
def test_a_trusted_proxy_says_nothing_in_trailers(trusted, name):
    head = trusted.request("POST", "/", "Transfer-Encoding: chunked")
    arrived = arrives(trusted, head + f"1\r\na\r\n0\r\n{name}: {CLAIM}\r\n\r\n".encode())
    says_the_truth(trusted, arrived)
    assert arrived.trailers == []
