# SPDX-License-Identifier: Apache-2.0
"""Requests and bodies on their way up: framing, early answers (H1-4), Expect (H1-13), trailers, upgrades (H1-12), pipelining
(H1-17), clients of HTTP/1.0, and slow ones (H1-16).
"""
import base64
import hashlib
import select
import threading

import pytest
from raw_client import Ended
from sites import own

KEY = base64.b64encode(b"sixteen bytes ok").decode()
ACCEPT = base64.b64encode(hashlib.sha1((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}")
SWITCHED = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: " + ACCEPT.encode() + b"\r\n\r\n")


def test_order_and_spelling_of_fields_are_kept(site):
    data = site.request("GET", "/a?b=c", "b-Second: 1", "A-FIRST: 2", "b-second: 3", "Accept: */*", "A-first:   4  ")
    assert site.forwarded(data) == data.replace(b"  4  \r", b"4\r").replace(b":   4", b": 4")


def test_a_body_with_length_arrives_as_it_is(site):
    data = site.request("POST", "/", body=bytes(range(256)) * 300)
    assert site.forwarded(data) == data


def test_a_chunked_body_arrives_as_chunks_while_it_is_sent(site):
    client = site.client()
    client.send(site.request("POST", "/", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n")
    connection = site.origin.accept()
    head = connection.read_request_head()
    assert head.get("Transfer-Encoding") == "chunked" and head.get("Content-Length") is None
    assert connection.take(8) == b"3\r\nabc\r\n"
    client.send(b"A\r\n0123456789\r\n")
    assert connection.take(15) == b"a\r\n0123456789\r\n"
    client.send(b"0\r\n\r\n")
    assert connection.take(5) == b"0\r\n\r\n"
    connection.answer()
    assert client.read_response().status == 200


@pytest.fixture
def trailing_site(site_with):
    return site_with("--request-trailers", "pass")


def test_trailers_of_a_request_are_dropped_with_the_field_that_announces_them(site):
    client = site.client()
    client.send(site.request("POST", "/", "Transfer-Encoding: chunked", "Trailer: GET")
                + b"1\r\na\r\n0\r\nGET: /evil HTTP/1.1\r\n\r\n" + site.request("GET", "/next"))
    arrived = site.origin.serve()
    assert arrived.raw.endswith(b"1\r\na\r\n0\r\n\r\n") and arrived.get("Trailer") is None
    assert client.read_response().status == 200
    assert site.origin.serve().target == "/next"
    assert client.read_response().status == 200


def test_trailers_of_a_request_arrive_where_they_are_passed(trailing_site):
    site = trailing_site
    client = site.client()
    client.send(site.request("POST", "/", "Transfer-Encoding: chunked", "Trailer: X-Sum") + b"1\r\na\r\n0\r\nX-Sum: 42\r\nX-Other: b\r\n\r\n")
    arrived = site.origin.serve()
    assert (arrived.body, arrived.get("Trailer"), arrived.trailers) == (b"a", "X-Sum", [("X-Sum", "42"), ("X-Other", "b")])
    assert client.read_response().status == 200


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding", "Host", "Authorization", "X-Forwarded-For", "X-Request-Id",
                                  "X_Real_IP", "Cookie", "Connection"])
def test_trailers_that_would_be_framing_routing_or_ours_are_dropped(trailing_site, name):
    site = trailing_site
    client = site.client()
    client.send(site.request("POST", "/", "Transfer-Encoding: chunked") + f"1\r\na\r\n0\r\n{name}: 1\r\nB: c\r\n\r\n".encode())
    assert site.origin.serve().trailers == [("B", "c")]
    assert client.read_response().status == 200


def test_te_trailers_is_said_again_for_this_hop(site):
    arrived = site.forwarded(site.request("GET", "/", "TE: trailers, deflate", "Connection: TE"))
    assert b"\r\nTE: trailers\r\n" in arrived and b"\r\nConnection: TE\r\n" in arrived and b"deflate" not in arrived


# H1-4

def test_h1_4_an_answer_before_the_body_is_relayed_and_the_origin_connection_is_not_used_again(site):
    client = site.client()
    client.send(site.request("POST", "/one", "Content-Length: 1000") + b"a" * 10)
    early = site.origin.accept()
    early.read_request_head()
    early.answer(200, b"early")
    assert client.read_response().body == b"early"
    client.send(b"b" * 990)
    client.send(site.request("GET", "/two"))
    late, arrived = site.origin.request()
    assert arrived.target == "/two"
    late.answer(200, b"late")
    assert client.read_response().body == b"late"
    assert b"GET" not in early.take_to_end()


def test_h1_4_a_client_that_sends_a_long_body_nobody_wants_is_closed(site):
    client = site.client()
    client.send(site.request("POST", "/", "Content-Length: 100000000") + b"a" * 10)
    connection = site.origin.accept()
    connection.read_request_head()
    connection.answer(403, b"no")
    assert client.read_response().status == 403
    with pytest.raises(ConnectionError):
        while True:
            client.send(b"b" * 65536)


def test_h1_4_the_body_of_a_404_is_never_read_as_a_request(site):
    client = site.client()
    smuggled = site.request("GET", "/smuggled")
    client.send(f"POST / HTTP/1.1\r\nHost: nobody.test\r\nContent-Length: {len(smuggled)}\r\n\r\n".encode() + smuggled)
    assert client.read_response().status == 404
    assert site.arrivals() == []


@pytest.mark.parametrize("framing", ["Content-Length: 50000000", "Transfer-Encoding: chunked"])
def test_h1_4_an_origin_that_refuses_a_body_and_hangs_up_is_heard(site, framing):
    client = site.client()
    client.send(site.request("POST", "/", framing) + b"ffff\r\n" + b"a" * 60000)
    connection = site.origin.accept()
    connection.read_request_head()
    connection.answer(413, b"too much", close=True)
    connection.shutdown_write()
    response = client.read_response()
    assert (response.status, response.body) == (413, b"too much")


# H1-13

def test_h1_13_100_is_said_when_the_body_is_wanted(site):
    client = site.client()
    client.send(site.request("POST", "/", "Content-Length: 5", "Expect: 100-continue"))
    interim = client.read_response()
    assert interim.raw == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(b"hello")
    connection, arrived = site.origin.request()
    assert arrived.body == b"hello"
    connection.answer(200, b"done")
    assert client.read_response().body == b"done"


def test_h1_13_no_100_for_a_request_that_is_not_served(site):
    client = site.client()
    client.send(b"POST / HTTP/1.1\r\nHost: nobody.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    response = client.read_response()
    assert response.status == 404 and response.closes
    client.expect_end()


def test_h1_13_a_client_of_1_0_is_not_told_to_continue(site):
    client = site.client()
    client.send(site.raw(b"POST / HTTP/1.0\r\nHost: HOST\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello"))
    assert site.origin.serve().body == b"hello"
    assert client.read_response().status == 200


@pytest.mark.parametrize("lines", [("Expect: something",), ("Expect: 100-continue", "Expect: 100-continue"), ("Expect: 100-continue, a",),
                                   ("Expect: 100",), ("Expect:",)])
def test_h1_13_any_other_expectation_is_417(site, lines):
    site.refuses(site.request("POST", "/", *lines, body=b"hello"), 417, "H1-13")


def test_h1_13_the_expectation_of_a_request_without_a_body_means_nothing(site):
    assert site.forwarded(site.request("GET", "/", "Expect: 100-continue")) == site.request("GET", "/")


def test_h1_13_interim_answers_are_relayed(site):
    client = site.client()
    client.send(site.request())
    connection, _ = site.origin.request()
    connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 2)
    connection.answer(200, b"final")
    assert client.read_response().raw == b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    assert client.read_response().status == 103
    assert client.read_response().body == b"final"


def test_h1_13_a_client_of_1_0_gets_no_interim_answer(site):
    client = site.client()
    client.send(site.raw(b"GET / HTTP/1.0\r\nHost: HOST\r\n\r\n"))
    connection, _ = site.origin.request()
    connection.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    connection.answer(200, b"final")
    assert client.read_response().body == b"final"


def test_h1_13_eight_interim_answers_are_relayed_and_the_ninth_is_too_many(site):
    client = site.client()
    client.send(site.request())
    connection, _ = site.origin.request()
    connection.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 8)
    connection.answer(200, b"final", close=True)
    assert [client.read_response().status for _ in range(9)] == [102] * 8 + [200]
    client.send(site.request())
    connection, _ = site.origin.request()
    connection.send(b"HTTP/1.1 102 Processing\r\n\r\n" * 9)
    connection.answer(200, b"final")
    statuses = [client.read_response().status for _ in range(9)]
    assert statuses[-1] == 502, statuses
    connection.expect_end()


# H1-12

def test_h1_12_after_a_101_bytes_pass_both_ways_from_the_first_one_on(site):
    client = site.client()
    client.send(site.request("GET", "/chat", *UPGRADE) + b"early")
    connection, arrived = site.origin.request()
    assert (arrived.get("Upgrade"), arrived.get("Connection"), arrived.get("Sec-WebSocket-Key")) == ("websocket", "Upgrade", KEY)
    connection.send(SWITCHED + b"first")
    response = client.read_response_head()
    assert (response.status, response.get("Upgrade"), response.get("Sec-WebSocket-Accept")) == (101, "websocket", ACCEPT)
    assert connection.take(5) == b"early" and client.take(5) == b"first"
    client.send(b"GET / HTTP/1.1\r\n\r\n\x00\xff")
    assert connection.take(20) == b"GET / HTTP/1.1\r\n\r\n\x00\xff"
    connection.send(b"\x81\x02ok")
    assert client.take(4) == b"\x81\x02ok"


def test_h1_12_a_tunnel_ends_for_both_when_one_ends(site):
    client = site.client()
    client.send(site.request("GET", "/", *UPGRADE))
    connection, _ = site.origin.request()
    connection.send(SWITCHED)
    assert client.read_response_head().status == 101
    connection.send(b"last words")
    connection.close()
    assert client.take_to_end() == b"last words"
    client.close()


def test_h1_12_a_tunnel_may_be_closed_in_one_direction_only(site):
    client = site.client()
    client.send(site.request("GET", "/", *UPGRADE))
    connection, _ = site.origin.request()
    connection.send(SWITCHED)
    assert client.read_response_head().status == 101
    client.send(b"that is all")
    client.shutdown_write()
    assert connection.take_to_end() == b"that is all"
    connection.send(b"x" * 1_000_000)
    connection.close()
    assert client.take_to_end() == b"x" * 1_000_000


def test_h1_12_a_client_that_is_gone_ends_the_tunnel(site):
    client = site.client()
    client.send(site.request("GET", "/", *UPGRADE))
    connection, _ = site.origin.request()
    connection.send(SWITCHED)
    assert client.read_response_head().status == 101
    client.reset()
    connection.expect_end()


@pytest.mark.parametrize("answer", [
    SWITCHED.replace(ACCEPT.encode(), b"AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    SWITCHED.replace(b"Upgrade: websocket", b"Upgrade: other"),
    SWITCHED.replace(b"Upgrade: websocket\r\n", b""),
    SWITCHED.replace(b"Sec-WebSocket-Accept: " + ACCEPT.encode() + b"\r\n", b""),
    SWITCHED.replace(b"Connection: Upgrade\r\n", b""),
], ids=["accept", "protocol", "no-protocol", "no-accept", "no-connection"])
def test_h1_12_a_101_that_is_not_the_right_one_is_502(site, answer):
    client = site.client()
    client.send(site.request("GET", "/", *UPGRADE))
    connection, _ = site.origin.request()
    connection.send(answer)
    assert client.read_response().status == 502
    connection.expect_end()


def test_h1_12_a_101_that_nobody_asked_for_is_502(site):
    client = site.client()
    client.send(site.request())
    connection, _ = site.origin.request()
    connection.send(SWITCHED)
    assert client.read_response().status == 502
    connection.expect_end()


def test_h1_12_early_bytes_are_never_a_request_if_the_upgrade_is_refused(site):
    client = site.client()
    client.send(site.request("GET", "/", *UPGRADE) + site.request("GET", "/smuggled"))
    connection, _ = site.origin.request()
    connection.answer(400, b"no")
    response = client.read_response()
    assert response.status == 400 and response.closes
    client.expect_end()
    assert site.arrivals() == []
    assert connection.take_to_end() == b""


@pytest.mark.parametrize("lines", [
    ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"),
    ("Connection: Upgrade", "Upgrade: TLS/1.0"),
    ("Upgrade: websocket",),
    ("HTTP2-Settings: AAMAAABk",),
], ids=["h2c", "tls", "without-connection", "settings"])
def test_h1_12_other_upgrades_are_stripped(site, lines):
    assert site.forwarded(site.request("GET", "/", *lines)) == site.request("GET", "/")


def test_h1_12_an_upgrade_on_1_0_is_ignored(site):
    arrived = site.forwarded(site.request("GET", "/", *UPGRADE).replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert b"pgrade" not in arrived


def test_h1_12_an_upgrade_of_a_post_is_ignored(site):
    assert b"pgrade" not in site.forwarded(site.request("POST", "/", *UPGRADE, body=b"hello"))


# H1-17

def test_h1_17_pipelined_requests_go_up_one_after_another_and_answers_come_in_order(site):
    client = site.client()
    client.send(b"".join(site.request("GET", f"/{number}") for number in range(20)))
    connection = site.origin.accept()
    for number in range(20):
        assert connection.read_request().target == f"/{number}"
        assert connection.unread == b""
        connection.answer(200, str(number).encode())
        assert client.read_response().body == str(number).encode()
    assert not site.origin.has_connection()


def test_h1_17_a_bad_request_behind_good_ones_ends_the_connection_after_their_answers(site):
    client = site.client()
    client.send(site.request("GET", "/one") + b"GET /two HTTP/1.1\r\n\r\n" + site.request("GET", "/three"))
    assert site.origin.serve(200, b"one").target == "/one"
    assert client.read_response().body == b"one"
    refused = client.read_response()
    assert refused.status == 400 and b"(H1-9)" in refused.body and refused.closes
    client.expect_end()
    assert site.arrivals() == []


def test_h1_17_one_empty_line_before_a_request_is_forgiven(site):
    assert site.forwarded(b"\r\n" + site.request()) == site.request()


def test_h1_17_bodies_between_pipelined_requests_stay_bodies(site):
    client = site.client()
    inner = site.request("GET", "/inner")
    client.send(site.request("POST", "/a", body=inner) + site.request("POST", "/b", "Transfer-Encoding: chunked")
                + b"%x\r\n%s\r\n0\r\n\r\n" % (len(inner), inner) + site.request("GET", "/c"))
    connection = site.origin.accept()
    seen = []
    for _ in range(3):
        arrived = connection.read_request()
        seen.append((arrived.target, arrived.body))
        connection.answer()
        assert client.read_response().status == 200
    assert seen == [("/a", inner), ("/b", inner), ("/c", b"")]


def test_h1_17_nothing_behind_a_request_that_closes_is_served(site):
    client = site.client()
    client.send(site.request("GET", "/one", "Connection: close") + site.request("GET", "/two"))
    assert site.origin.serve(200, b"one").target == "/one"
    assert client.read_response().closes
    client.expect_end()
    assert site.arrivals() == []


@pytest.mark.parametrize("step", [1, 2, 3, 7])
def test_messages_that_come_in_pieces_are_the_same_messages(trailing_site, step):
    site = trailing_site
    data = site.request("POST", "/a%41?b", "A: b", "Transfer-Encoding: chunked") + b"5;x=y\r\nhello\r\n00a\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nC: d\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;e\r\nde\r\n0\r\nX-End: 2\r\n\r\n"
    client = site.client()
    for at in range(0, len(data), step):
        client.send(data[at:at + step])
    connection, arrived = site.origin.request()
    assert (arrived.target, arrived.get("A"), arrived.body, arrived.trailers) == ("/aA?b", "b", b"hello0123456789", [("X-Sum", "1")])
    for at in range(0, len(answer), step):
        connection.send(answer[at:at + step])
    response = client.read_response()
    assert (response.get("C"), response.body, response.trailers) == ("d", b"abcde", [("X-End", "2")])


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_large_bodies_arrive_byte_for_byte_both_ways(site, framing):
    up, down = bytes(range(256)) * 4000, bytes(reversed(range(256))) * 4000

    def framed(head, body):
        if framing == "length":
            return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
        pieces = [body[at:at + 5000] for at in range(0, len(body), 5000)]
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"

    client = site.client()
    sender = threading.Thread(target=client.send, args=[framed(site.request("PUT")[:-2], up)])
    sender.start()
    connection, arrived = site.origin.request()
    sender.join()
    assert arrived.body == up
    sender = threading.Thread(target=connection.send, args=[framed(b"HTTP/1.1 200 OK\r\n", down)])
    sender.start()
    assert client.read_response().body == down
    sender.join()


# HTTP/1.0

def test_a_client_of_1_0_gets_one_answer_and_the_end(site):
    client, response, arrived = site.exchange(b"GET / HTTP/1.0\r\nHost: HOST\r\n\r\n", body=b"hello")
    assert (response.version, response.body, response.closes) == ("HTTP/1.1", b"hello", True)
    assert own(arrived) == site.request()
    client.expect_end()


def test_a_client_of_1_0_may_keep_its_connection(site):
    client, response, _ = site.exchange(b"GET / HTTP/1.0\r\nHost: HOST\r\nConnection: keep-alive\r\n\r\n", body=b"hello")
    assert response.get("Connection").lower() == "keep-alive"
    client.send(site.request("GET", "/again", "Connection: close"))
    assert site.origin.serve().target == "/again"
    assert client.read_response().closes
    client.expect_end()


def test_a_client_of_1_0_gets_a_chunked_answer_without_chunks(site):
    client = site.client()
    client.send(site.raw(b"GET / HTTP/1.0\r\nHost: HOST\r\nConnection: keep-alive\r\n\r\n"))
    connection, _ = site.origin.request()
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    response = client.read_response()
    assert response.get("Transfer-Encoding") is None and response.closes and response.body == b"hello"


def test_a_client_of_1_0_without_host_gets_the_default(site):
    client = site.client()
    client.send(b"GET / HTTP/1.0\r\n\r\n")
    assert client.read_response().status == 404


def test_connection_close_of_a_client_is_obeyed(site):
    client, response, _ = site.exchange(site.request("GET", "/", "Connection: close"))
    assert response.closes
    client.expect_clean_end()


# H1-16

def slow(site_with, *limits):
    return site_with(*(part for limit in limits for part in ("--limit", limit)))


def test_h1_16_a_head_that_does_not_end_is_408(site_with):
    site = slow(site_with, "head-time=300")
    client = site.client()
    client.send(b"GET / HTTP/1.1\r\nHost: ")
    response = client.read_response()
    assert response.status == 408 and b"(H1-16)" in response.body and response.closes
    client.expect_end()


def test_h1_16_more_bytes_do_not_prolong_the_deadline_of_a_head(site_with):
    site = slow(site_with, "head-time=300")
    client = site.client()
    client.send(b"GET / HTTP/1.1\r\nHost: ")
    for _ in range(1000):
        if select.select([client.socket], [], [], 0.02)[0]:
            break
        client.send(b"a")
    else:
        raise AssertionError("a byte now and then keeps the connection alive")
    assert client.read_response().status == 408


def test_h1_16_an_idle_connection_is_closed_without_a_word(site_with):
    site = slow(site_with, "idle-time=600")
    client, _, _ = site.exchange(site.request())
    client.expect_clean_end()
    site.client().expect_clean_end()


def test_h1_16_a_body_that_does_not_come_is_408(site_with):
    site = slow(site_with, "body-grace=300")
    client = site.client()
    client.send(site.request("POST", "/", "Content-Length: 10") + b"hello")
    connection = site.origin.accept()
    assert client.read_response().status == 408
    client.expect_end()
    with pytest.raises(Ended):
        connection.read_request()
