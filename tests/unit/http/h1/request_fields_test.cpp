// SPDX-License-Identifier: Apache-2.0
// Rules H1-1 to H1-8 of reliability-security.md for requests, one test each. The families are those of the
// public lists of HTTP/1.1 probes and request smuggling payloads.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "unit/http/h1/request_cases.hpp"

namespace sallyport::http::h1 {
namespace {

TEST(H1_1, ContentLengthWithTransferEncodingIsRefused) {
  expect_refused(Code::bad_request, "H1-1",
                 {
                     {"length first", post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n")},
                     {"coding first", post("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n")},
                     {"zero", post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n")},
                     {"on a GET", get("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n")},
                     {"with another coding", post("Content-Length: 6\r\nTransfer-Encoding: gzip\r\n")},
                     {"apart", post("Content-Length: 6\r\nX: y\r\nAccept: */*\r\ntransfer-encoding: chunked\r\n")},
                     {"an unreadable length behind", post("Transfer-Encoding: chunked\r\nContent-Length: x\r\n")},
                 });
}

TEST(H1_2, TransferEncodingIsExactlyChunked) {
  EXPECT_EQ(framing_of(post("Transfer-Encoding: chunked\r\n")), "chunked");
  EXPECT_EQ(framing_of(post("tRANSFER-eNCODING:CHUNKED\r\n")), "chunked");
  EXPECT_EQ(framing_of(post("Transfer-Encoding: \tchunked \t\r\n")), "chunked");
  expect_refused(Code::not_implemented, "H1-2",
                 {
                     {"identity", post("Transfer-Encoding: identity\r\n")},
                     {"gzip", post("Transfer-Encoding: gzip\r\n")},
                     {"xchunked", post("Transfer-Encoding: xchunked\r\n")},
                     {"chunkedx", post("Transfer-Encoding: chunkedx\r\n")},
                     {"chunk", post("Transfer-Encoding: chunk\r\n")},
                     {"in quotes of one kind", post("Transfer-Encoding: 'chunked'\r\n")},
                     {"underscore", post("Transfer-Encoding: chunked_\r\n")},
                 });
  expect_refused(Code::bad_request, "H1-2",
                 {
                     {"twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
                     {"twice, other case", post("Transfer-Encoding: chunked\r\nTRANSFER-ENCODING: Chunked\r\n")},
                     {"second is identity", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")},
                     {"list", post("Transfer-Encoding: gzip, chunked\r\n")},
                     {"list of the same", post("Transfer-Encoding: chunked, chunked\r\n")},
                     {"chunked is not last", post("Transfer-Encoding: chunked, gzip\r\n")},
                     {"leading comma", post("Transfer-Encoding: ,chunked\r\n")},
                     {"trailing comma", post("Transfer-Encoding: chunked,\r\n")},
                     {"parameter", post("Transfer-Encoding: chunked;q=1\r\n")},
                     {"semicolon", post("Transfer-Encoding: chunked;\r\n")},
                     {"double quotes", post("Transfer-Encoding: \"chunked\"\r\n")},
                     {"empty", post("Transfer-Encoding:\r\n")},
                     {"blanks", post("Transfer-Encoding: \t\r\n")},
                     {"folded", post("Transfer-Encoding:\r\n chunked\r\n")},
                     {"no-break space before", post("Transfer-Encoding: \xa0"s + "chunked\r\n")},
                     {"no-break space behind", post("Transfer-Encoding: chunked\xa0\r\n")},
                     {"next line character", post("Transfer-Encoding: chunked\x85\r\n")},
                     {"two words", post("Transfer-Encoding: chunked chunked\r\n")},
                     {"HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"},
                     {"HTTP/1.0 without Host", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
                 });
  expect_refused(Code::bad_request, "H1-6",
                 {
                     {"vertical tab before", post("Transfer-Encoding: \vchunked\r\n")},
                     {"vertical tab behind", post("Transfer-Encoding: chunked\v\r\n")},
                     {"form feed", post("Transfer-Encoding: \fchunked\r\n")},
                     {"NUL", post("Transfer-Encoding: chunked\0\r\n"s)},
                     {"DEL", post("Transfer-Encoding: chunked\x7f\r\n")},
                 });
  expect_refused(Code::bad_request, "H1-7",
                 {
                     {"space before the colon", post("Transfer-Encoding : chunked\r\n")},
                     {"tab before the colon", post("Transfer-Encoding\t: chunked\r\n")},
                     {"leading space", post(" Transfer-Encoding: chunked\r\n")},
                 });
}

TEST(H1_3, ContentLengthIsOnePlainNumber) {
  EXPECT_EQ(framing_of(post("Content-Length: 0\r\n")), "length 0");
  EXPECT_EQ(framing_of(post("content-length:5\r\n")), "length 5");
  EXPECT_EQ(framing_of(post("Content-Length: 0042\r\n")), "length 42");
  EXPECT_EQ(framing_of(post("Content-Length: 9223372036854775807\r\n")), "length 9223372036854775807");
  EXPECT_EQ(framing_of(post("")), "none");
  expect_refused(Code::bad_request, "H1-3",
                 {
                     {"plus", post("Content-Length: +5\r\n")},
                     {"minus", post("Content-Length: -5\r\n")},
                     {"minus zero", post("Content-Length: -0\r\n")},
                     {"hex", post("Content-Length: 0x5\r\n")},
                     {"octal letter", post("Content-Length: 0o5\r\n")},
                     {"underscore", post("Content-Length: 1_0\r\n")},
                     {"space inside", post("Content-Length: 1 0\r\n")},
                     {"tab inside", post("Content-Length: 1\t0\r\n")},
                     {"fraction", post("Content-Length: 5.0\r\n")},
                     {"exponent", post("Content-Length: 1e1\r\n")},
                     {"letters behind", post("Content-Length: 5b\r\n")},
                     {"list of equals", post("Content-Length: 5, 5\r\n")},
                     {"list of others", post("Content-Length: 5,6\r\n")},
                     {"trailing comma", post("Content-Length: 5,\r\n")},
                     {"empty", post("Content-Length:\r\n")},
                     {"blanks", post("Content-Length:  \r\n")},
                     {"twice the same", post("Content-Length: 5\r\nContent-Length: 5\r\n")},
                     {"twice, other", post("Content-Length: 5\r\nContent-Length: 6\r\n")},
                     {"twice, other case", post("Content-Length: 0\r\ncontent-length: 5\r\n")},
                     {"more than 63 bits", post("Content-Length: 9223372036854775808\r\n")},
                     {"more than 64 bits", post("Content-Length: 18446744073709551616\r\n")},
                     {"twenty digits", post("Content-Length: 00000000000000000005\r\n")},
                     {"wide digits", post("Content-Length: \xef\xbc\x95\r\n")},
                     {"no-break space", post("Content-Length: 5\xa0\r\n")},
                     {"quoted", post("Content-Length: \"5\"\r\n")},
                     {"percent", post("Content-Length: %35\r\n")},
                 });
}

TEST(H1_6, OnlyCrlfEndsALineAndNoOtherControlPasses) {
  expect_refused(Code::bad_request, "H1-6",
                 {
                     {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
                     {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n"},
                     {"bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n"},
                     {"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n"},
                     {"bare LF in a field without colon", get("Foo\n")},
                     {"bare LF in a value", get("Foo: a\nBar: b\r\n")},
                     {"CR CR LF", get("Foo: a\r\r\n")},
                     {"bare CR in a value", get("Foo: a\rb\r\n")},
                     {"bare CR hides a field", get("Foo: a\rTransfer-Encoding: chunked\r\n")},
                     {"bare CR at the end", "GET / HTTP/1.1\r\nHost: a\r\n\rX"},
                     {"bare CR after the version", "GET / HTTP/1.1\rHost: a\r\n\r\n"},
                     {"LF before the request line", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
                     {"NUL in a value", get("Foo: a\0b\r\n"s)},
                     {"NUL ends a value", get("Foo: a\0\r\n"s)},
                     {"control 1", get("Foo: \x01\r\n")},
                     {"escape", get("Foo: \x1b[0m\r\n")},
                     {"backspace", get("Foo: \b\r\n")},
                     {"DEL", get("Foo: \x7f\r\n")},
                     {"after sixteen good bytes", get("Foo: 0123456789abcdef\x02zzzzzzzzzzzzzzzzzzzzzz\r\n")},
                     {"LF in Host", "GET / HTTP/1.1\r\nHost: a\nb\r\n\r\n"},
                 });
  expect_accepted({
      {"tab in a value", get("Foo: a\tb\r\n")},
      {"obs-text", get("Foo: caf\xc3\xa9 \x80\xff\r\n")},
      {"empty value", get("Foo:\r\n")},
      {"one empty line before", "\r\n" + get("")},
  });
}

TEST(H1_7, FoldedLinesAndNamelessFieldsAreRefused) {
  expect_refused(Code::bad_request, "H1-7",
                 {
                     {"folded by space", get("Foo: a\r\n b\r\n")},
                     {"folded by tab", get("Foo: a\r\n\tb\r\n")},
                     {"folded onto nothing", "GET / HTTP/1.1\r\nFoo:\r\n a\r\n\r\n"},
                     {"blank line of blanks", get("Foo: a\r\n \r\n")},
                     {"space before the colon", get("Foo : a\r\n")},
                     {"tab before the colon", get("Foo\t: a\r\n")},
                     {"space in the name", get("Foo Bar: a\r\n")},
                     {"leading space on the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
                     {"leading tab on the first field", "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n"},
                     {"no colon", get("Foo\r\n")},
                     {"empty name", get(": a\r\n")},
                     {"only a colon", get(":\r\n")},
                     {"request line as a field", get("GET /admin HTTP/1.1\r\n")},
                     {"space before Host's colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"},
                 });
}

TEST(H1_8, FieldNamesAreTokens) {
  expect_refused(Code::bad_request, "H1-8",
                 {
                     {"parenthesis", get("Fo(o: a\r\n")},
                     {"at", get("Fo@o: a\r\n")},
                     {"slash", get("Fo/o: a\r\n")},
                     {"bracket", get("Foo[0]: a\r\n")},
                     {"quote", get("\"Foo\": a\r\n")},
                     {"comma", get("Foo,Bar: a\r\n")},
                     {"equals", get("Foo=Bar: a\r\n")},
                     {"NUL in the name", get("Fo\0o: a\r\n"s)},
                     {"control in the name", get("Fo\x01o: a\r\n")},
                     {"non-ASCII", get("F\xc3\xb6o: a\r\n")},
                     {"byte order mark", get("\xef\xbb\xbf"s + "Foo: a\r\n")},
                 });
  EXPECT_EQ(fields_of(get("!#$%&'*+-.^`|~09aZ: a\r\n")), "!#$%&'*+-.^`|~09aZ: a");
}

TEST(H1_8, UnderscoresInNamesAreDroppedRejectedOrKept) {
  const std::string bytes = get("X_Custom: 1\r\nA: 2\r\nX_Forwarded_For: 3\r\nContent_Length: 4\r\nX-Real_IP: 5\r\n");
  EXPECT_EQ(fields_of(bytes), "A: 2");
  EXPECT_EQ(Read(RequestReading(), bytes).notes().underscore_names, 4U);

  const RequestReading keep{.conduct = {.underscores = Underscores::keep}};
  EXPECT_EQ(fields_of(bytes, keep), "X_Custom: 1|A: 2");
  EXPECT_EQ(Read(keep, bytes).notes().underscore_names, 3U);
  EXPECT_EQ(fields_of(get("Transfer_Encoding: chunked\r\nKeep_Alive: 1\r\nX_Forwarded_Anything: 1\r\n"), keep), "");

  const RequestReading reject{.conduct = {.underscores = Underscores::reject}};
  expect_refused(Code::bad_request, "H1-8", {{"underscore", get("X_Custom: 1\r\n")}}, reject);
  expect_accepted({{"no underscore in a name", get("X-Custom: a_b\r\n")}}, reject);
}

}  // namespace
}  // namespace sallyport::http::h1
