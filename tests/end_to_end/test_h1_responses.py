# SPDX-License-Identifier: Apache-2.0
"""What an origin may not answer (H1-15, H1-18), and how good answers come down."""
import pytest

OK = b"HTTP/1.1 200 OK\r\n"

BAD = {
    "length and coding": OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
    "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "list of lengths": OK + b"Content-Length: 5, 5\r\n\r\nhello",
    "negative length": OK + b"Content-Length: -5\r\n\r\nhello",
    "empty length": OK + b"Content-Length:\r\n\r\nhello",
    "another coding": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "identity": OK + b"Transfer-Encoding: identity\r\n\r\n",
    "two codings": OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding on 1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "folded line": OK + b"A: b\r\n c\r\n\r\n",
    "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "bare LF after a field": OK + b"A: b\nContent-Length: 0\r\n\r\n",
    "bare CR in a value": OK + b"A: b\rc\r\n\r\n",
    "NUL in a value": OK + b"A: b\x00\r\n\r\n",
    "blank before the colon": OK + b"Content-Length : 0\r\n\r\n",
    "no colon": OK + b"nothing\r\n\r\n",
    "no name": OK + b": b\r\n\r\n",
    "status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "status 600": b"HTTP/1.1 600 OK\r\n\r\n",
    "status 099": b"HTTP/1.1 099 OK\r\n\r\n",
    "version 2.0": b"HTTP/2.0 200 OK\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "version 0.9": b"<html>hello</html>\r\n\r\n",
    "empty line first": b"\r\n" + OK + b"Content-Length: 0\r\n\r\n",
    "control in the reason": b"HTTP/1.1 200 O\x01K\r\n\r\n",
    "101 fields": OK + b"A: b\r\n" * 101 + b"\r\n",
    "head of more than 32 KiB": OK + b"A: " + b"b" * 40000 + b"\r\n\r\n",
    "long status line": b"HTTP/1.1 200 " + b"a" * 9000 + b"\r\n\r\n",
    "end before the head": b"HTTP/1.1 200",
}


@pytest.mark.parametrize("answer", BAD.values(), ids=[name.replace(" ", "-") for name in BAD])
def test_h1_18_a_malformed_answer_is_502_and_its_connection_is_closed(site, answer):
    client = site.client()
    client.send(site.request())
    connection, _ = site.origin.request()
    connection.send(answer)
    if answer == BAD["end before the head"]:
        connection.shutdown_write()
    response = client.read_response()
    assert response.status == 502, response.raw
    assert b"hello" not in response.body and not response.closes
    connection.expect_end()
    client.send(site.request("GET", "/next"))
    assert site.origin.serve().target == "/next"
    assert client.read_response().status == 200


def started(site, head, method="GET"):
    """A client that has got this head of an answer, and the origin's connection."""
    client = site.client()
    client.send(site.request(method))
    connection, _ = site.origin.request()
    connection.send(head)
    return client, connection, client.read_response_head()


@pytest.mark.parametrize("chunks", [b"5\r\nhelloX\r\n", b"5\r\nhello\r\nx\r\n", b"5\nhello\r\n", b"5\r\nhello\r\n0\r\nA : b\r\n\r\n"],
                         ids=["spill", "no-size", "bare-LF", "bad-trailer"])
def test_h1_18_a_bad_chunk_is_never_a_clean_end_for_the_client(site, chunks):
    client, connection, response = started(site, OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
    assert response.status == 200
    connection.send(chunks)
    assert not client.take_to_end().endswith(b"0\r\n\r\n") and client.was_reset
    connection.expect_end()


def test_h1_18_a_short_body_resets_the_client(site):
    client, connection, response = started(site, OK + b"Content-Length: 10\r\n\r\nhello")
    assert response.get("Content-Length") == "10"
    assert client.take(5) == b"hello"
    connection.close()
    assert client.take_to_end() == b"" and client.was_reset


def test_h1_18_chunks_without_their_last_one_reset_the_client(site):
    client, connection, _ = started(site, OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    assert client.take(10) == b"5\r\nhello\r\n"
    connection.close()
    assert client.take_to_end() == b"" and client.was_reset


def test_h1_18_an_origin_that_resets_within_a_body_without_length_resets_the_client(site):
    client, connection, _ = started(site, OK + b"\r\nhello")
    assert client.take(10) == b"5\r\nhello\r\n"
    connection.reset()
    assert client.take_to_end() == b"" and client.was_reset


@pytest.mark.parametrize("surplus", [b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", b"x"], ids=["an-answer", "a-byte"])
def test_h1_18_surplus_bytes_poison_the_connection_not_the_pool(site, surplus):
    client, connection, _ = started(site, OK + b"Content-Length: 5\r\n\r\nhello" + surplus)
    assert client.take(5) == b"hello"
    client.send(site.request("GET", "/next"))
    other, arrived = site.origin.request()
    assert arrived.target == "/next"
    other.answer(200, b"right")
    assert client.read_response().body == b"right"
    connection.expect_end()


def test_h1_18_bytes_that_come_while_a_connection_is_idle_poison_it(site):
    client, _, _ = site.exchange(site.request(), body=b"hello")
    client.send(site.request("GET", "/two"))
    connection, _ = site.origin.request()
    connection.answer(200, b"two")
    assert client.read_response().body == b"two"
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
    connection.expect_end()
    client.send(site.request("GET", "/three"))
    assert site.origin.serve(200, b"three").target == "/three"
    assert client.read_response().body == b"three"


@pytest.mark.parametrize(("method", "head"), [
    ("HEAD", OK + b"Content-Length: 5\r\n"), ("HEAD", OK + b"Transfer-Encoding: chunked\r\n"), ("HEAD", OK),
    ("GET", b"HTTP/1.1 204 No Content\r\n"), ("GET", b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n"),
    ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n"),
    ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n"),
], ids=["HEAD-length", "HEAD-chunked", "HEAD", "204", "304", "304-length", "204-length"])
def test_h1_18_no_body_for_head_204_and_304(site, method, head):
    client, connection, response = started(site, head + b"\r\n", method)
    assert response.status in (200, 204, 304)
    expected = "5" if b"Content-Length: 5" in head else None
    assert response.get("Content-Length") == expected
    client.send(site.request("GET", "/next"))
    assert connection.read_request().target == "/next"
    connection.answer(200, b"next")
    assert client.read_response().body == b"next"


def test_h1_18_bytes_behind_a_204_are_no_body_and_no_answer(site):
    client, connection, response = started(site, b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
    assert response.status == 204
    client.send(site.request("GET", "/next"))
    assert site.origin.serve(200, b"right").target == "/next"
    assert client.read_response().body == b"right"


def test_a_body_that_ends_with_the_connection_comes_down_as_chunks(site):
    client, connection, response = started(site, OK + b"\r\nhello")
    assert response.get("Transfer-Encoding") == "chunked" and not response.closes
    connection.close()
    client.take_chunked(response)
    assert response.body == b"hello"
    client.send(site.request("GET", "/next"))
    assert site.origin.serve().target == "/next"
    assert client.read_response().status == 200


def test_a_body_of_an_origin_of_1_0_that_ends_with_the_connection(site):
    client, connection, response = started(site, b"HTTP/1.0 200 OK\r\n\r\nhello")
    connection.close()
    client.take_body(response, until_end=False)
    assert (response.version, response.body) == ("HTTP/1.1", b"hello")


def test_chunks_come_down_while_they_are_sent_and_trailers_at_the_end(site):
    client, connection, response = started(site, OK + b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;ext=1\r\nhello\r\n")
    assert response.get("Trailer") == "X-Sum"
    assert client.take(10) == b"5\r\nhello\r\n"
    connection.send(b"00003\r\nabc\r\n")
    assert client.take(8) == b"3\r\nabc\r\n"
    connection.send(b"0\r\nX-Sum: 42\r\nContent-Length: 9\r\n\r\n")
    assert client.take_until(b"\r\n\r\n") == b"0\r\nX-Sum: 42\r\n\r\n"


def test_order_and_spelling_of_fields_are_kept_and_those_of_the_hop_are_not(site):
    head = OK + (b"b-Second: 1\r\nA-FIRST: 2\r\nDate: Tue, 03 Mar 2026 00:00:00 GMT\r\nServer: origin\r\nConnection: X-Hop\r\nX-Hop: 3\r\n"
                 b"Keep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
    _, _, response = started(site, head)
    assert response.raw == OK + (b"b-Second: 1\r\nA-FIRST: 2\r\nDate: Tue, 03 Mar 2026 00:00:00 GMT\r\nServer: origin\r\n"
                                 b"Content-Length: 0\r\n\r\n")


@pytest.mark.parametrize(("method", "head"), [
    ("GET", b"HTTP/1.1 204\r\n"), ("GET", b"HTTP/1.1 200\r\nContent-Length:0\r\n"), ("HEAD", b"HTTP/1.1 200\r\nContent-Length:9\r\n"),
    ("GET", b"HTTP/1.1 304\r\n"),
], ids=["204", "length-0", "HEAD", "304"])
def test_a_head_without_a_body_is_written_whole_even_if_it_grows(site, method, head):
    """Its connection is free for others before the client has the head: nothing of it may be read from there any more."""
    names = [f"X-{number}" for number in range(40)]
    _, _, response = started(site, head + "".join(f"{name}:{name}\r\n" for name in names).encode() + b"\r\n", method)
    assert [(name, value) for name, value in response.fields if name.startswith("X-")] == [(name, name) for name in names]


def test_a_status_without_a_reason_passes(site):
    _, _, response = started(site, b"HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n")
    assert response.start == ["HTTP/1.1", "299", ""]


def test_h1_15_an_answer_of_100_fields_passes(site):
    _, _, response = started(site, OK + b"A: b\r\n" * 99 + b"Content-Length: 0\r\n\r\n")
    assert response.all("A") == ["b"] * 99


def test_h1_15_an_answer_with_a_head_of_almost_32_kib_passes(site):
    _, _, response = started(site, OK + (b"A: " + b"b" * 4000 + b"\r\n") * 8 + b"Content-Length: 0\r\n\r\n")
    assert len(response.all("A")) == 8


def test_connection_close_of_an_origin_is_not_the_clients(site):
    client, connection, response = started(site, OK + b"Content-Length: 0\r\nConnection: close\r\n\r\n")
    assert not response.closes
    connection.expect_end()
    client.send(site.request("GET", "/next"))
    assert site.origin.serve().target == "/next"
    assert client.read_response().status == 200
