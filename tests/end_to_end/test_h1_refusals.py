# SPDX-License-Identifier: Apache-2.0
"""What a client may not send (reference rules H1-1 to H1-3, H1-5 to H1-11, H1-15, H1-20): the status and rule it is told, the end
of its connection, and an origin that hears nothing. Beside each rule, what it does let pass.
"""
import pytest
from raw_client import Ended
from sites import own


def cases(*rows):
    """Rows of (name, status, bytes) or (name, bytes): the latter are 400."""
    rows = [row if len(row) == 3 else (row[0], 400, row[1]) for row in rows]
    return pytest.mark.parametrize(("status", "data"), [row[1:] for row in rows], ids=[row[0].replace(" ", "-") for row in rows])


def post(*lines, body=b"", version=b"1.1"):
    return b"\r\n".join((b"POST / HTTP/" + version, b"Host: HOST", *lines)) + b"\r\n\r\n" + body


def get(*lines, target=b"/", method=b"GET"):
    return b"\r\n".join((method + b" " + target + b" HTTP/1.1", b"Host: HOST", *lines)) + b"\r\n\r\n"


def chunked(body):
    return post(b"Transfer-Encoding: chunked", body=body)


CHUNKED, LENGTH = b"Transfer-Encoding: chunked", b"Content-Length: 5"


@cases(
    ("length then coding", post(LENGTH, CHUNKED, body=b"0\r\n\r\n")),
    ("coding then length", post(CHUNKED, LENGTH, body=b"0\r\n\r\n")),
    ("length zero", post(b"Content-Length: 0", CHUNKED, body=b"0\r\n\r\n")),
    ("lower case", post(b"content-length: 5", b"transfer-encoding: chunked", body=b"0\r\n\r\n")),
    ("with a smuggled request", post(b"Content-Length: 6", CHUNKED, body=b"0\r\n\r\nG")),
    ("on a GET", get(CHUNKED, LENGTH)),
)
def test_h1_1_length_and_coding_together_are_refused(site, status, data):
    site.refuses(data, status, "H1-1")


@cases(
    ("identity", 501, post(b"Transfer-Encoding: identity")),
    ("gzip", 501, post(b"Transfer-Encoding: gzip")),
    ("xchunked", 501, post(b"Transfer-Encoding: xchunked")),
    ("gzip and chunked", post(b"Transfer-Encoding: gzip, chunked")),
    ("leading comma", post(b"Transfer-Encoding: ,chunked")),
    ("trailing comma", post(b"Transfer-Encoding: chunked,")),
    ("parameter", post(b"Transfer-Encoding: chunked;q=1")),
    ("quoted", post(b'Transfer-Encoding: "chunked"')),
    ("empty", post(b"Transfer-Encoding:")),
    ("two lines", post(CHUNKED, CHUNKED)),
    ("identity line first", 501, post(b"Transfer-Encoding: identity", CHUNKED)),
    ("0xa0 before", post(b"Transfer-Encoding: \xa0chunked")),
    ("0x85 after", post(b"Transfer-Encoding: chunked\x85")),
    ("on HTTP 1.0", post(CHUNKED, version=b"1.0")),
)
def test_h1_2_any_coding_but_chunked_is_refused(site, status, data):
    site.refuses(data, status, "H1-2")


@cases(
    ("VT before", post(b"Transfer-Encoding: \x0bchunked")),
    ("FF after", post(b"Transfer-Encoding: chunked\x0c")),
    ("NUL after", post(b"Transfer-Encoding: chunked\x00")),
)
def test_h1_2_a_control_around_the_coding_is_refused_as_such(site, status, data):
    site.refuses(data, status, "H1-6")


@pytest.mark.parametrize("coding", [b"chunked", b"CHUNKED", b"Chunked", b"  chunked\t"])
def test_h1_2_chunked_passes_in_any_case(site, coding):
    expected = site.raw(b"POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    assert site.forwarded(post(b"Transfer-Encoding:" + coding, body=b"5\r\nhello\r\n0\r\n\r\n")) == expected


@cases(
    ("plus", post(b"Content-Length: +5", body=b"hello")),
    ("minus", post(b"Content-Length: -5", body=b"hello")),
    ("space within", post(b"Content-Length: 5 5", body=b"hello")),
    ("hexadecimal", post(b"Content-Length: 0x5", body=b"hello")),
    ("underscore", post(b"Content-Length: 1_0", body=b"hello")),
    ("list", post(b"Content-Length: 5, 5", body=b"hello")),
    ("empty", post(b"Content-Length:", body=b"hello")),
    ("two equal lines", post(LENGTH, LENGTH, body=b"hello")),
    ("two lines", post(LENGTH, b"Content-Length: 6", body=b"hello")),
    ("twenty digits", post(b"Content-Length: " + b"0" * 19 + b"5", body=b"hello")),
    ("beyond a signed number", post(b"Content-Length: 9223372036854775808")),
    ("wraps to five", post(b"Content-Length: 18446744073709551621", body=b"hello")),
    ("fraction", post(b"Content-Length: 5.0", body=b"hello")),
    ("other digits", post(b"Content-Length: \xd9\xa5", body=b"hello")),
)
def test_h1_3_a_strange_length_is_refused(site, status, data):
    site.refuses(data, status, "H1-3")


def test_h1_3_a_length_is_sent_on_as_plain_decimal(site):
    data = post(b"Content-Length: 0000000000000000005", body=b"hello")
    assert site.forwarded(data) == site.raw(b"POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\n\r\nhello")


def refuses_body(site, data, status, rule):
    """A fault within the body: the origin may have got a beginning, but never an end."""
    client = site.client()
    client.send(site.raw(data))
    response = client.read_response()
    assert response.status == status, response.raw
    assert f"({rule})".encode() in response.body and response.closes, response.raw
    client.expect_end()
    for beginning in site.arrivals():
        assert not beginning.endswith(b"0\r\n\r\n"), beginning


@cases(
    ("no size", chunked(b"\r\nhello\r\n0\r\n\r\n")),
    ("not hexadecimal", chunked(b"g\r\nhello\r\n0\r\n\r\n")),
    ("0x", chunked(b"0x5\r\nhello\r\n0\r\n\r\n")),
    ("plus", chunked(b"+5\r\nhello\r\n0\r\n\r\n")),
    ("minus", chunked(b"-5\r\nhello\r\n0\r\n\r\n")),
    ("underscore", chunked(b"1_0\r\nhello\r\n0\r\n\r\n")),
    ("blank before", chunked(b" 5\r\nhello\r\n0\r\n\r\n")),
    ("blank after", chunked(b"5 \r\nhello\r\n0\r\n\r\n")),
    ("seventeen digits", chunked(b"00000000000000005\r\nhello\r\n0\r\n\r\n")),
    ("too large", chunked(b"8000000000000000\r\nhello\r\n0\r\n\r\n")),
    ("spill", chunked(b"5\r\nhelloX\r\n0\r\n\r\n")),
    ("no CRLF after data", chunked(b"5\r\nhello0\r\n\r\n")),
    ("bare CR", chunked(b"5\rhello\r\n0\r\n\r\n")),
    ("extension with a blank", chunked(b"5; a=b\r\nhello\r\n0\r\n\r\n")),
    ("extension with a control", chunked(b"5;a\x00\r\nhello\r\n0\r\n\r\n")),
    ("long extension", chunked(b"5;" + b"a" * 300 + b"\r\nhello\r\n0\r\n\r\n")),
    ("bytes of one with extensions", chunked((b"1;" + b"a" * 200 + b"\r\nx\r\n") * 200 + b"0\r\n\r\n")),
)
def test_h1_5_a_strange_chunk_is_refused(site, status, data):
    refuses_body(site, data, status, "H1-5")


def test_h1_5_extensions_are_read_and_never_sent_on(site):
    data = chunked(b'5;a;b=c;d="e;\\"f"\r\nhello\r\n0;g=h\r\n\r\n')
    assert site.forwarded(data).endswith(b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


@cases(
    ("in the chunk size line", chunked(b"5\nhello\r\n0\r\n\r\n")),
    ("behind the last chunk", chunked(b"5\r\nhello\r\n0\n\r\n")),
    ("in trailers", chunked(b"5\r\nhello\r\n0\r\na: b\n\r\n")),
    ("at the end", chunked(b"5\r\nhello\r\n0\r\na: b\r\n\n")),
)
def test_h1_6_a_bare_line_feed_in_a_body_is_refused(site, status, data):
    refuses_body(site, data, status, "H1-6")


@cases(
    ("LF after the request line", b"GET / HTTP/1.1\nHost: HOST\r\n\r\n"),
    ("LF after a field", b"GET / HTTP/1.1\r\nHost: HOST\nA: b\r\n\r\n"),
    ("LF as the empty line", b"GET / HTTP/1.1\r\nHost: HOST\r\n\n"),
    ("LF everywhere", b"GET / HTTP/1.1\nHost: HOST\n\n"),
    ("CR alone after the request line", b"GET / HTTP/1.1\rHost: HOST\r\n\r\n"),
    ("CR within a value", get(b"A: b\rc")),
    ("CR CR LF", get(b"A: b\r")),
    ("NUL in a value", get(b"A: b\x00c")),
    ("escape in a value", get(b"A: \x1b[2J")),
    ("DEL in a value", get(b"A: b\x7f")),
    ("vertical tab in a value", get(b"A: b\x0bc")),
)
def test_h1_6_bare_line_ends_and_controls_are_refused(site, status, data):
    site.refuses(data, status, "H1-6")


def test_h1_6_a_tab_and_bytes_of_obs_text_pass_in_a_value(site):
    assert b"\r\nA: b\tc \xe9\r\n" in site.forwarded(get(b"A: b\tc \xe9"))


@cases(
    ("folded line", get(b"A: b", b" c: d")),
    ("folded by a tab", get(b"A: b", b"\tc")),
    ("blank before the first field", b"GET / HTTP/1.1\r\n Host: HOST\r\n\r\n"),
    ("blank before the colon", get(b"A : b")),
    ("tab before the colon", get(b"A\t: b")),
    ("length with a blank before the colon", post(b"Content-Length : 5", body=b"hello")),
    ("no colon", get(b"nothing")),
    ("no name", get(b": b")),
)
def test_h1_7_a_malformed_field_line_is_refused(site, status, data):
    site.refuses(data, status, "H1-7")


@cases(
    ("parentheses", get(b"A(b): c")),
    ("slash", get(b"A/b: c")),
    ("at", get(b"A@b: c")),
    ("0xa0", get(b"A\xa0: c")),
    ("NUL", get(b"A\x00: c")),
    ("bracket", get(b"[A]: c")),
    ("quote", get(b'"A": c')),
)
def test_h1_8_a_name_that_is_no_token_is_refused(site, status, data):
    site.refuses(data, status, "H1-8")


def test_h1_8_underscore_names_are_dropped_by_default(site):
    assert site.forwarded(get(b"X_Test: a", b"B: c")) == site.raw(get(b"B: c"))


def test_h1_8_underscore_names_are_kept_if_wanted(site_with):
    site = site_with("--underscores", "keep")
    assert site.forwarded(get(b"X_Test: a")) == site.raw(get(b"X_Test: a"))


@pytest.mark.parametrize("name", ["X_Forwarded_For", "x-real_ip", "X_REQUEST_ID", "Content_Length", "Transfer_Encoding", "Forwarded_",
                                  "Proxy_Authorization"])
def test_h1_8_spellings_of_managed_names_are_dropped_even_if_underscores_are_kept(site_with, name):
    site = site_with("--underscores", "keep")
    kept = name == "Forwarded_"  # is nobody's
    line = f"{name}: 10.9.8.7".encode()
    assert site.forwarded(get(line)) == site.raw(get(line) if kept else get())


def test_h1_8_underscore_names_are_refused_if_wanted(site_with):
    site_with("--underscores", "reject").refuses(get(b"X_Test: a"), 400, "H1-8")


@cases(
    ("missing", b"GET / HTTP/1.1\r\n\r\n"),
    ("twice", get(b"Host: HOST")),
    ("empty", b"GET / HTTP/1.1\r\nHost:\r\n\r\n"),
    ("userinfo", b"GET / HTTP/1.1\r\nHost: a@HOST\r\n\r\n"),
    ("path", b"GET / HTTP/1.1\r\nHost: HOST/a\r\n\r\n"),
    ("comma", b"GET / HTTP/1.1\r\nHost: HOST,HOST\r\n\r\n"),
    ("blank within", b"GET / HTTP/1.1\r\nHost: HOST HOST\r\n\r\n"),
    ("port too large", b"GET / HTTP/1.1\r\nHost: HOST:65536\r\n\r\n"),
    ("port no number", b"GET / HTTP/1.1\r\nHost: HOST:http\r\n\r\n"),
    ("two ports", b"GET / HTTP/1.1\r\nHost: HOST:80:80\r\n\r\n"),
    ("too long", b"GET / HTTP/1.1\r\nHost: " + b"aaaaaaa." * 40 + b"test\r\n\r\n"),
    ("bytes above 0x7f", b"GET / HTTP/1.1\r\nHost: h\xc3\xb6st.test\r\n\r\n"),
    ("IPv6 without brackets", b"GET / HTTP/1.1\r\nHost: ::1\r\n\r\n"),
    ("absolute form of another host", b"GET http://other.test/ HTTP/1.1\r\nHost: HOST\r\n\r\n"),
    ("absolute form of another port", b"GET http://HOST:81/ HTTP/1.1\r\nHost: HOST\r\n\r\n"),
    ("absolute form with userinfo", b"GET http://a@HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n"),
)
def test_h1_9_a_strange_host_is_refused(site, status, data):
    site.refuses(data, status, "H1-9")


@pytest.mark.parametrize(("target", "host"), [
    (b"/", b"HOST"), (b"/", b"HOST:80"), (b"/", b"HOST."), (b"http://HOST/", b"HOST"), (b"http://HOST:80/", b"HOST"),
    (b"http://HOST./", b"HOST:80"), (b"HTTP://HOST/", b"HOST"), (b"http://HOST", b"HOST"),
])
def test_h1_9_host_is_written_from_the_canonical_authority(site, target, host):
    data = b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
    assert site.forwarded(data) == site.raw(b"GET / HTTP/1.1\r\nHost: HOST\r\n\r\n")


def test_h1_9_the_case_of_host_does_not_matter(site):
    data = b"GET / HTTP/1.1\r\nHost: " + site.host.upper().encode() + b"\r\n\r\n"
    assert site.forwarded(data) == site.raw(get())


def test_h1_9_another_port_than_the_usual_one_is_kept(site):
    data = b"GET / HTTP/1.1\r\nHost: HOST:8080\r\n\r\n"
    assert site.forwarded(data) == site.raw(data)


@cases(
    ("no slash", get(target=b"index")),
    ("fragment", get(target=b"/a#b")),
    ("fragment in the query", get(target=b"/a?b#c")),
    ("bytes above 0x7f", get(target=b"/\xc3\xa9")),
    ("bytes above 0x7f in the query", get(target=b"/?\xc3\xa9")),
    ("NUL", get(target=b"/\x00")),
    ("tab", get(target=b"/\ta")),
    ("DEL", get(target=b"/\x7f")),
    ("ftp", get(target=b"ftp://HOST/")),
    ("star for GET", get(target=b"*")),
    ("authority for GET", get(target=b"HOST:80")),
    ("no version", b"GET /\r\nHost: HOST\r\n\r\n"),
)
def test_h1_10_a_strange_target_is_refused(site, status, data):
    site.refuses(data, status, "H1-10")


def test_h1_10_the_query_passes_as_it_is(site):
    data = get(target=b"/a?b=%2f%00&c[]=\"{}|\\^`<>'&d=/../e")
    assert site.forwarded(data) == site.raw(data)


@cases(
    ("TRACE", 405, get(method=b"TRACE")),
    ("TRACK", 405, get(method=b"TRACK")),
    ("trace", 405, get(method=b"trace")),
    ("CONNECT", 405, b"CONNECT HOST:443 HTTP/1.1\r\nHost: HOST:443\r\n\r\n"),
    ("CONNECT with early bytes", 405, b"CONNECT HOST:80 HTTP/1.1\r\nHost: HOST:80\r\n\r\nGET /x HTTP/1.1\r\nHost: HOST\r\n\r\n"),
    ("33 bytes", get(method=b"A" * 33)),
    ("no token", get(method=b"G(T")),
    ("blank before", b" GET / HTTP/1.1\r\nHost: HOST\r\n\r\n"),
    ("two blanks before the version", b"GET /  HTTP/1.1\r\nHost: HOST\r\n\r\n"),
    ("blank after the version", b"GET / HTTP/1.1 \r\nHost: HOST\r\n\r\n"),
    ("HTTP 2.0", 505, b"GET / HTTP/2.0\r\nHost: HOST\r\n\r\n"),
    ("HTTP 1.2", 505, b"GET / HTTP/1.2\r\nHost: HOST\r\n\r\n"),
    ("HTTP 0.9", 505, b"GET / HTTP/0.9\r\nHost: HOST\r\n\r\n"),
    ("http in lower case", b"GET / http/1.1\r\nHost: HOST\r\n\r\n"),
    ("HTTP 1.10", b"GET / HTTP/1.10\r\nHost: HOST\r\n\r\n"),
    ("HTTP 11", b"GET / HTTP/11\r\nHost: HOST\r\n\r\n"),
)
def test_h1_11_a_strange_method_or_version_is_refused(site, status, data):
    site.refuses(data, status, "H1-11")


@pytest.mark.parametrize("method", [b"PROPFIND", b"M-SEARCH", b"get", b"A" * 32, b"!#$%&'*+-.^_`|~"])
def test_h1_11_unknown_methods_pass(site, method):
    assert site.forwarded(get(method=method)) == site.raw(get(method=method))


def fields(count):
    return [b"A: %d" % number for number in range(count)]


@cases(
    ("target of more than 8 KiB", 414, get(target=b"/" + b"a" * 8192)),
    ("endless target", 414, b"GET /" + b"a" * 20000),
    ("endless method", 400, b"A" * 20000),
    ("101 fields", 431, get(*fields(100))),
    ("head of more than 32 KiB", 431, get(*[b"A: " + b"b" * 4000] * 9)),
    ("one endless field", 431, b"GET / HTTP/1.1\r\nHost: HOST\r\nA: " + b"b" * 40000),
    ("one endless name", 431, b"GET / HTTP/1.1\r\nHost: HOST\r\n" + b"b" * 40000),
)
def test_h1_15_what_is_too_large_is_refused(site, status, data):
    site.refuses(data, status, "H1-11" if status == 400 else "H1-15")


def test_h1_15_100_fields_and_a_head_of_almost_32_kib_pass(site):
    data = get(*fields(99))
    assert site.forwarded(data) == site.raw(data)
    data = get(*[b"A: " + b"b" * 4000] * 8)
    assert site.forwarded(data) == site.raw(data)


def test_h1_15_a_target_of_almost_8_kib_passes(site):
    data = get(target=b"/" + b"a" * 8000)
    assert site.forwarded(data) == site.raw(data)


@cases(
    ("33 trailers", 431, chunked(b"5\r\nhello\r\n0\r\n" + b"A: b\r\n" * 33 + b"\r\n")),
    ("trailers of more than 8 KiB", 431, chunked(b"5\r\nhello\r\n0\r\n" + b"A: " + b"b" * 9000 + b"\r\n\r\n")),
)
def test_h1_15_trailers_that_are_too_large_are_refused(site, status, data):
    refuses_body(site, data, status, "H1-15")


@cases(
    ("NUL", get(target=b"/a%00")),
    ("half a triplet", get(target=b"/a%2")),
    ("no triplet", get(target=b"/a%zz")),
    ("backslash", get(target=b"/a\\b")),
    ("encoded backslash", get(target=b"/a%5cb")),
    ("encoded slash", get(target=b"/a%2Fb")),
    ("encoded slash in lower case", get(target=b"/a%2fb")),
    ("dots with a parameter", get(target=b"/a/..;/b")),
    ("dots with an encoded parameter", get(target=b"/a/..%3Bx/b")),
    ("above the root", get(target=b"/../a")),
    ("above the root, encoded", get(target=b"/a/%2e%2E/%2e./b")),
)
def test_h1_20_a_strange_path_is_refused(site, status, data):
    site.refuses(data, status, "H1-20")


@pytest.mark.parametrize(("received", "canonical"), [
    (b"/a/./b", b"/a/b"), (b"/a/../b", b"/b"), (b"/a/%2e%2e/b", b"/b"), (b"/a/%2E/b", b"/a/b"), (b"/a/..", b"/"),
    (b"/%41%62%7e", b"/Ab~"), (b"/a%3bb", b"/a%3Bb"), (b"/a//b", b"/a/b"), (b"//a", b"/a"), (b"/%252e%252e/a", b"/%252e%252e/a"),
    (b"/a;b=c/d", b"/a;b=c/d"), (b"/a|b", b"/a%7Cb"), (b"/a%c3%a9", b"/a%C3%A9"), (b"/a/.../b", b"/a/.../b"),
])
def test_h1_20_the_origin_gets_the_canonical_path(site, received, canonical):
    assert site.forwarded(get(target=received)) == site.raw(get(target=canonical))


def test_h1_20_the_refusal_of_an_encoded_slash_names_the_option(site):
    response = site.refuses(get(target=b"/a%2fb"), 400, "H1-20")
    assert b"--encoded-slash" in response.body


def test_h1_20_an_encoded_slash_passes_if_wanted(site_with):
    site = site_with("--encoded-slash", "keep")
    assert site.forwarded(get(target=b"/a%2fb")) == site.raw(get(target=b"/a%2Fb"))


def test_h1_20_an_encoded_slash_that_would_hide_dots_is_refused_even_then(site_with):
    site_with("--encoded-slash", "keep").refuses(get(target=b"/a%2f..%2fb"), 400, "H1-20")


def test_h1_20_double_slashes_pass_if_wanted(site_with):
    site = site_with("--merge-slashes", "off")
    assert site.forwarded(get(target=b"/a//b")) == site.raw(get(target=b"/a//b"))


def test_a_body_cut_short_never_ends_cleanly_at_the_origin(site):
    client = site.client()
    client.send(site.raw(post(b"Content-Length: 10", body=b"hello")))
    connection = site.origin.accept()
    client.shutdown_write()
    with pytest.raises(Ended):
        connection.read_request()


def test_own_leaves_nothing_but_the_gateways_fields_out(site):
    _, _, arrived = site.exchange(get())
    added = set(arrived.raw.split(b"\r\n")) - set(own(arrived).split(b"\r\n"))
    names = sorted(line.split(b":")[0].lower() for line in added)
    assert names == [b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-proto", b"x-request-id"]
