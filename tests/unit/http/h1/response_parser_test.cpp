// SPDX-License-Identifier: Apache-2.0
// Rule H1-18 of reliability-security.md (and what H1-1 to H1-15 say of responses), and the framing of RFC 9112 6.3.
// Every head is also read in pieces, cut at every byte.

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "unit/http/h1/heads.hpp"

namespace sallyport::http::h1 {
namespace {

struct Case {
  const char* name;
  std::string bytes;
};

std::string ok(std::string_view fields) { return text::cat("HTTP/1.1 200 OK\r\n", fields, "\r\n"); }
std::string line(std::string_view first) { return text::cat(first, "\r\nContent-Length: 0\r\n\r\n"); }

void expect_refused(std::initializer_list<Case> cases, const ResponseReading& reading = {}) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const Read read(reading, one.bytes);
    ASSERT_TRUE(read.refused()) << read.verdict();
    EXPECT_EQ(read.error().code, Code::upstream_malformed) << read.verdict();
    EXPECT_EQ(std::string_view(read.error().rule), "H1-18");
    EXPECT_FALSE(read.error().detail.empty());
    EXPECT_EQ(cut_that_matters(reading, one.bytes), std::nullopt);
  }
}

std::string read(const std::string& bytes, Method request_method = Method::get) {
  const ResponseReading reading{.request_method = request_method};
  EXPECT_EQ(cut_that_matters(reading, bytes), std::nullopt);
  const Read read(reading, bytes);
  return read.accepted() ? describe(read.head()) : read.verdict();
}

std::string fields_of(const std::string& bytes, Method request_method = Method::get) {
  const Read read(ResponseReading{.request_method = request_method}, bytes);
  if (!read.accepted()) return read.verdict();
  std::string all;
  for (const Field& field : read.head().fields) {
    all += text::cat(all.empty() ? "" : "|", field.name, ": ", field.value);
  }
  return all;
}

TEST(H1_18, StatusLinesAreStrict) {
  EXPECT_EQ(read(line("HTTP/1.1 200 OK")), "200 OK\nlength 0 keep \n");
  EXPECT_EQ(read(line("HTTP/1.1 200 ")), "200 \nlength 0 keep \n");
  EXPECT_EQ(read(line("HTTP/1.1 200")), "200 \nlength 0 keep \n");
  EXPECT_EQ(read(line("HTTP/1.1 404 Not  Found\t!")), "404 Not  Found\t!\nlength 0 keep \n");
  EXPECT_EQ(read(line("HTTP/1.1 599 \xc3\xa4")), "599 \xc3\xa4\nlength 0 keep \n");
  EXPECT_EQ(read(line("HTTP/1.0 200 OK")), "200 OK\nlength 0 close \n");
  expect_refused({
      {"no version", line("200 OK")},
      {"ICY", line("ICY 200 OK")},
      {"lower case", line("http/1.1 200 OK")},
      {"version 2.0", line("HTTP/2.0 200 OK")},
      {"version 1.2", line("HTTP/1.2 200 OK")},
      {"version 1", line("HTTP/1 200 OK")},
      {"two spaces", line("HTTP/1.1  200 OK")},
      {"tab", line("HTTP/1.1\t200 OK")},
      {"leading space", line(" HTTP/1.1 200 OK")},
      {"no status", line("HTTP/1.1 ")},
      {"version only", line("HTTP/1.1")},
      {"two digits", line("HTTP/1.1 20 OK")},
      {"four digits", line("HTTP/1.1 2000 OK")},
      {"letters", line("HTTP/1.1 2xx OK")},
      {"sign", line("HTTP/1.1 +20 OK")},
      {"099", line("HTTP/1.1 099 OK")},
      {"000", line("HTTP/1.1 000 OK")},
      {"600", line("HTTP/1.1 600 OK")},
      {"999", line("HTTP/1.1 999 OK")},
      {"no space before the reason", line("HTTP/1.1 200OK")},
      {"tab before the reason", line("HTTP/1.1 200\tOK")},
      {"bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"},
      {"bare CR", "HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n"},
      {"NUL in the reason", "HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n"s},
      {"empty line before", "\r\n" + ok("Content-Length: 0\r\n")},
      {"line of more than 8 KiB", "HTTP/1.1 200 " + std::string(9000, 'a')},
      {"a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"SSH", "SSH-2.0-OpenSSH_9.2\r\n"},
  });
}

TEST(H1_18, FieldsAreAsStrictAsARequests) {
  expect_refused({
      {"length and coding", ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
      {"coding and length", ok("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
      {"two lengths", ok("Content-Length: 5\r\nContent-Length: 6\r\n")},
      {"two equal lengths", ok("Content-Length: 5\r\nContent-Length: 5\r\n")},
      {"list of lengths", ok("Content-Length: 5, 5\r\n")},
      {"empty length", ok("Content-Length:\r\n")},
      {"signed length", ok("Content-Length: +5\r\n")},
      {"negative length", ok("Content-Length: -1\r\n")},
      {"length of 64 bits", ok("Content-Length: 18446744073709551615\r\n")},
      {"identity", ok("Transfer-Encoding: identity\r\n")},
      {"gzip, chunked", ok("Transfer-Encoding: gzip, chunked\r\n")},
      {"two codings", ok("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"xchunked", ok("Transfer-Encoding: xchunked\r\n")},
      {"coding of HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"folded", ok("A: b\r\n c\r\n")},
      {"space before the colon", ok("Content-Length : 5\r\n")},
      {"leading space", ok(" Content-Length: 5\r\n")},
      {"empty name", ok(": a\r\n")},
      {"no colon", ok("a\r\n")},
      {"name is no token", ok("a(: b\r\n")},
      {"bare LF", ok("a: b\nc: d\r\n")},
      {"bare LF at the end", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n"},
      {"bare CR", ok("a: b\rSet-Cookie: c\r\n")},
      {"NUL", ok("a: \0\r\n"s)},
      {"DEL", ok("a: \x7f\r\n")},
      {"Connection is no list of tokens", ok("Connection: a b\r\nContent-Length: 0\r\n")},
      {"two lengths of a HEAD's answer", ok("Content-Length: 5\r\nContent-Length: 6\r\n")},
  });
  expect_refused({{"HEAD, both", ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
                  {"HEAD, no number", ok("Content-Length: x\r\n")}},
                 {.request_method = Method::head});
}

TEST(H1_18, HeadsAreBounded) {
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += "a: b\r\n";
  EXPECT_TRUE(Read(ResponseReading(), ok(hundred)).accepted());
  expect_refused({{"101 fields", ok(hundred + "a: b\r\n")},
                  {"more than 32 KiB", ok("a: " + std::string(33000, 'b') + "\r\n")},
                  {"endless", "HTTP/1.1 200 OK\r\na: " + std::string(33000, 'b')}});
}

TEST(H1_18, BodiesAreFramedAsRfc9112Says) {
  EXPECT_EQ(read(ok("Content-Length: 007\r\n")), "200 OK\nlength 7 keep \n");
  EXPECT_EQ(read(ok("Transfer-Encoding: Chunked\r\n")), "200 OK\nchunked keep \n");
  EXPECT_EQ(read(ok("")), "200 OK\nclose close \n");
  EXPECT_EQ(read(ok("Connection: keep-alive\r\n")), "200 OK\nclose close \n");
  EXPECT_EQ(read(ok("Content-Length: 1\r\nConnection: close\r\n")), "200 OK\nlength 1 close \n");
  EXPECT_EQ(read("HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\n"), "200 OK\nlength 1 keep \n");
}

TEST(H1_18, SomeAnswersHaveNoBody) {
  const auto framing_of = [](std::string_view status, Method method) {
    const Read read(ResponseReading{.request_method = method},
                    text::cat("HTTP/1.1 ", status, " x\r\nContent-Length: 0012\r\nA: b\r\n\r\n"));
    return text::cat(describe(read.head().framing), " ", read.head().fields.value(syntax::HeaderId::content_length));
  };
  EXPECT_EQ(framing_of("200", Method::head), "none 12");
  EXPECT_EQ(framing_of("404", Method::head), "none 12");
  EXPECT_EQ(framing_of("304", Method::get), "none 12");
  EXPECT_EQ(framing_of("304", Method::head), "none 12");
  EXPECT_EQ(framing_of("204", Method::get), "none ");
  EXPECT_EQ(framing_of("204", Method::head), "none ");
  EXPECT_EQ(framing_of("100", Method::get), "none ");
  EXPECT_EQ(framing_of("103", Method::head), "none ");
  EXPECT_EQ(framing_of("200", Method::get), "length 12 ");
  EXPECT_EQ(read("HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n"), "204 x\nnone keep \n");
  EXPECT_EQ(read(ok("Transfer-Encoding: chunked\r\n"), Method::head), "200 OK\nnone keep \n");
  EXPECT_EQ(fields_of(ok("Content-Length: 000\r\n"), Method::head), "Content-Length: 0");
}

TEST(H1_18, AHeadEndsBeforeItsBody) {
  const std::string head = ok("Content-Length: 3\r\n");
  EXPECT_EQ(Read(ResponseReading(), head + "\n\0\r"s).size(), head.size());
}

TEST(H1_12, A101NamesItsProtocol) {
  const auto upgrade_of = [](std::string_view status, std::string_view fields) {
    const Read read(ResponseReading(), text::cat("HTTP/1.1 ", status, " x\r\n", fields, "\r\n"));
    return text::cat(read.head().upgrade, " ", describe(read.head().framing), " ", read.notes().upgrades_ignored);
  };
  EXPECT_EQ(upgrade_of("101", "Connection: upgrade\r\nUpgrade: WebSocket\r\n"), "websocket none 0");
  EXPECT_EQ(upgrade_of("101", "Connection: upgrade\r\nUpgrade: h2c\r\n"), " none 1");
  EXPECT_EQ(upgrade_of("101", "Connection: upgrade\r\nUpgrade: websocket, h2c\r\n"), " none 1");
  EXPECT_EQ(upgrade_of("101", "Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket\r\n"), " none 1");
  EXPECT_EQ(upgrade_of("101", "Upgrade: websocket\r\n"), " none 1");
  EXPECT_EQ(upgrade_of("200", "Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n"), " length 0 1");
}

TEST(H1_14, HopByHopFieldsOfResponsesEndHere) {
  EXPECT_EQ(fields_of(ok("Connection: keep-alive, x-hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nServer: s\r\n"
                         "Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\nset_cookie: x\r\nContent-Length: 0\r\n")),
            "Server: s|set_cookie: x");
  EXPECT_EQ(fields_of(ok("Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n")), "Trailer: X-Sum");
  EXPECT_EQ(fields_of(ok("Trailer: X-Sum\r\nContent-Length: 0\r\n")), "");
}

}  // namespace
}  // namespace sallyport::http::h1
