# SPDX-License-Identifier: Apache-2.0
"""Who is no trusted proxy cannot say who it is by HTTP/2 either: every field that could, in every form that this version has for it
(A-1, S11). test_identity_headers.py has the forms of HTTP/1.1, and the oracle: the value is nowhere in the bytes that the origin got.
"""
import h2_frames as h2
import pytest
from raw_client import Ended
from sites import own
from test_identity_headers import BY_NAME, CLAIM, NAMES, casings, says_the_truth, underscored


def send(client, site, *fields, method="GET", ends=True):
    """These very fields, in a block that no encoder made nicer."""
    stream, client.next_stream = client.next_stream, client.next_stream + 2
    head = h2.request_fields(method, site.host, "/", *fields)
    client.send(h2.headers(stream, head, h2.END_HEADERS | (h2.END_STREAM if ends else 0)))
    return stream


def arrives(site, *fields):
    client = site.h2_client()
    stream = send(client, site, *fields)
    arrived = site.origin.serve()
    assert client.answer(stream).status == 200
    return arrived


def passes_nothing(site, *fields):
    arrived = arrives(site, *fields)
    says_the_truth(site, arrived)
    assert own(arrived) == site.request()


def refuses(site, *fields):
    client = site.h2_client()
    stream = send(client, site, *fields)
    try:
        answer = client.answer(stream)
    except Ended:
        assert client.goaway
    else:
        assert answer.status == 400 or answer.reset == h2.PROTOCOL_ERROR, answer
    assert site.arrivals() == []


@BY_NAME
def test_in_lower_case(site, name):
    passes_nothing(site, (name.lower(), CLAIM))


# RFC 9113 8.2.1: such a message is malformed.
@BY_NAME
def test_in_any_other_case(site, name):
    for spelling in casings(name):
        if spelling != spelling.lower():
            refuses(site, (spelling, CLAIM))


@BY_NAME
def test_with_underscores(site, name):
    for spelling in underscored(name.lower()):
        passes_nothing(site, (spelling, CLAIM))


@BY_NAME
def test_with_underscores_where_they_are_kept(site_with, name):
    passes_nothing(site_with("--underscores", "keep"), *((spelling, CLAIM) for spelling in underscored(name.lower())))


@BY_NAME
def test_twice_and_among_other_fields(site, name):
    low = name.lower()
    arrived = arrives(site, (low, CLAIM), ("accept", "text/html"), (low, f"{CLAIM}, {CLAIM}"), (low.replace("-", "_"), CLAIM), (low, ""))
    says_the_truth(site, arrived)
    assert arrived.get("accept") == "text/html"


@BY_NAME
def test_from_the_dynamic_table(site, name):
    client = site.h2_client()
    for _ in range(3):
        stream = client.open(h2.request_fields("GET", site.host, "/", (name.lower(), CLAIM)))
        says_the_truth(site, site.origin.serve())
        assert client.answer(stream).status == 200


@BY_NAME
def test_with_blanks_or_controls_around_it(site, name):
    low = name.lower()
    for field in ((low, f" {CLAIM}"), (low, f"{CLAIM}\t"), (f"{low} ", CLAIM), (f" {low}", CLAIM), (low, f"{CLAIM}\0"), (f"{low}\0", CLAIM),
                  (f"{low}:", CLAIM)):
        refuses(site, field)


@BY_NAME
def test_behind_a_line_end_in_another_field(site, name):
    for end in ("\r", "\n", "\r\n"):
        refuses(site, ("a", f"b{end}{name}: {CLAIM}"))
        refuses(site, (f"a: b{end}{name}", CLAIM))


# A field of the hop is malformed in HTTP/2, so it cannot name what shall be stripped.
@BY_NAME
def test_named_by_connection(site, name):
    refuses(site, ("connection", name.lower()), (name.lower(), CLAIM))


@BY_NAME
def test_in_trailers(site_with, name):
    site = site_with("--request-trailers", "pass")
    for spelling in [name.lower(), *underscored(name.lower())]:
        client = site.h2_client()
        stream = send(client, site, method="POST", ends=False)
        client.send_body(stream, b"a", end=False)
        client.send(h2.headers(stream, [(spelling, CLAIM), ("x-sum", "1"), (spelling, "")]))
        arrived = site.origin.serve()
        says_the_truth(site, arrived)
        assert (arrived.body, [(key.lower(), value) for key, value in arrived.trailers]) == (b"a", [("x-sum", "1")])
        assert client.answer(stream).status == 200


def test_on_streams_at_once(site):
    client = site.h2_client()
    asked = [send(client, site, (name.lower(), CLAIM)) for name in NAMES]
    for _ in NAMES:
        says_the_truth(site, site.origin.serve())
    assert [client.answer(stream).status for stream in asked] == [200] * len(NAMES)


@pytest.fixture
def trusted(site_with):
    return site_with("--trusted-proxies", "127.0.0.0/8")


@BY_NAME
def test_a_trusted_proxys_claim_is_kept(trusted, name):
    arrived = arrives(trusted, (name.lower(), CLAIM))
    assert arrived.get(name) == (f"{CLAIM}, 127.0.0.1" if name == "X-Forwarded-For" else CLAIM)


@BY_NAME
def test_a_trusted_proxys_underscores_are_dropped(trusted, name):
    for spelling in underscored(name.lower()):
        arrived = arrives(trusted, (spelling, CLAIM))
        says_the_truth(trusted, arrived)
        assert own(arrived) == trusted.request()
