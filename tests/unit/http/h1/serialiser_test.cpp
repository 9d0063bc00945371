// SPDX-License-Identifier: Apache-2.0
// What is written comes from the model alone, and what is written reads back as the same model (H1-19, law 1).

#include "http/h1/serialiser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "http/scan.hpp"
#include "unit/http/h1/heads.hpp"

namespace sallyport::http::h1 {
namespace {

using syntax::HeaderId;

std::string write(const RequestHead& head, const Hop& hop = {}) {
  std::vector<char> room(room_for(head, hop));
  const auto size = write_request_head(room, head, hop);
  return size ? std::string(room.data(), *size) : "not written";
}

std::string write(const ResponseHead& head, const Hop& hop = {}, const Stamp& stamp = {}) {
  std::vector<char> room(room_for(head, hop, stamp));
  const auto size = write_response_head(room, head, hop, stamp);
  return size ? std::string(room.data(), *size) : "not written";
}

std::string rewrite(std::string_view bytes, const Hop& hop = {}) {
  const Read read(RequestReading(), bytes);
  return read.accepted() ? write(read.head(), hop) : read.verdict();
}

std::string rewrite_response(std::string_view bytes, const Hop& hop = {}, const Stamp& stamp = {},
                             Method request_method = Method::get) {
  const Read read(ResponseReading{.request_method = request_method}, bytes);
  return read.accepted() ? write(read.head(), hop, stamp) : read.verdict();
}

// Apart from CRLF no control character but HTAB.
bool is_clean(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes.substr(at, 2) == "\r\n") {
      ++at;
    } else if (!is_value_byte(bytes[at])) {
      return false;
    }
  }
  return true;
}

// As the next hop is told what this one was told.
Hop hop_of(const RequestHead& head) {
  return {.upgrade = head.upgrade, .te_trailers = head.accepts_trailers, .expect_continue = head.expects_continue};
}

TEST(Serialiser, KeepsOrderAndSpellingOfFields) {
  EXPECT_EQ(rewrite("GET /a?b HTTP/1.1\r\nzEBRA:  1 \r\nHost: Shop.Example.com:80\r\naccept:*/*\r\nzebra: 2\r\n\r\n"),
            "GET /a?b HTTP/1.1\r\nHost: shop.example.com\r\nzEBRA: 1\r\naccept: */*\r\nzebra: 2\r\n\r\n");
}

TEST(Serialiser, WritesOriginOrAsteriskForm) {
  EXPECT_EQ(rewrite("GET http://a/./b HTTP/1.1\r\nHost: a\r\n\r\n"), "GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(rewrite("GET http://a? HTTP/1.1\r\nHost: a\r\n\r\n"), "GET /? HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(rewrite("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(rewrite("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n"), "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(rewrite("GET / HTTP/1.0\r\n\r\n"), "GET / HTTP/1.1\r\nHost: \r\n\r\n");
}

TEST(Serialiser, WritesFramingFromTheMember) {
  EXPECT_EQ(rewrite("PUT / HTTP/1.1\r\nHost: a\r\ncontent-length: 0042\r\nA: b\r\n\r\n"),
            "PUT / HTTP/1.1\r\nHost: a\r\nA: b\r\nContent-Length: 42\r\n\r\n");
  EXPECT_EQ(rewrite("PUT / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: CHUNKED\r\nTrailer: x\r\n\r\n"),
            "PUT / HTTP/1.1\r\nHost: a\r\nTrailer: x\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(Serialiser, SaysThatThereIsNoContentWhereTheMethodGivesItAMeaning) {
  for (const std::string method : {"POST", "PUT", "PATCH"}) {
    EXPECT_EQ(rewrite(method + " / HTTP/1.1\r\nHost: a\r\n\r\n"),
              method + " / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  }
  for (const std::string method : {"GET", "HEAD", "DELETE", "OPTIONS", "post", "REPORT"}) {
    const std::string as_it_is = method + " / HTTP/1.1\r\nHost: a\r\n\r\n";
    EXPECT_EQ(rewrite(as_it_is), as_it_is);
  }
}

TEST(Serialiser, CannotExpressASecondLengthOrAHopFieldOfTheModel) {
  Arena arena;
  RequestHead request(arena);
  request.method_text = "POST";
  request.path = "/";
  request.authority = "a";
  request.framing = {.kind = Framing::Kind::length, .length = 3};
  ResponseHead response(arena);
  response.framing = request.framing;
  for (const std::string_view name :
       {"Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Proxy-Connection"}) {
    ASSERT_TRUE(request.fields.add(name, "chunked"));
    ASSERT_TRUE(response.fields.add(name, "chunked"));
  }
  ASSERT_TRUE(request.fields.add("Host", "b"));
  ASSERT_TRUE(request.fields.add("Expect", "100-continue"));
  EXPECT_EQ(write(request), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(write(response), "HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\n");
}

TEST(H1_19, NothingThatSplitsAMessageIsWritten) {
  Arena arena;
  const auto fresh = [&arena] {
    RequestHead head(arena);
    head.method_text = "GET";
    head.path = "/";
    head.authority = "a";
    return head;
  };
  EXPECT_NE(write(fresh()), "not written");
  for (const std::string_view text : {std::string_view("a\r\nX: y"), std::string_view("a\nb"),
                                      std::string_view("a\0b", 3), std::string_view("a b")}) {
    RequestHead method = fresh();
    method.method_text = text;
    EXPECT_EQ(write(method), "not written");
    RequestHead path = fresh();
    const std::string with_slash = text::cat("/", text);
    path.path = with_slash;
    EXPECT_EQ(write(path), "not written");
    RequestHead query = fresh();
    query.has_query = true;
    query.query = text;
    EXPECT_EQ(write(query), "not written");
    RequestHead authority = fresh();
    authority.authority = text;
    EXPECT_EQ(write(authority), "not written");
    EXPECT_EQ(write(fresh(), {.upgrade = text}), "not written");
    EXPECT_FALSE(fresh().fields.add(text, "x"));
  }
  for (const std::string_view text : {std::string_view("a\r\nX: y"), std::string_view("a\nb"),
                                      std::string_view("a\0b", 3), std::string_view("a\x7f")}) {
    ResponseHead reason(arena);
    reason.reason = text;
    EXPECT_EQ(write(reason), "not written");
    const ResponseHead plain(arena);
    EXPECT_EQ(write(plain, {}, {.date = text}), "not written");
    EXPECT_EQ(write(plain, {}, {.server = text}), "not written");
    EXPECT_FALSE(fresh().fields.add("X", text));
  }
  RequestHead path = fresh();
  for (const std::string_view text : {"", "a", "*a", "/a?b", "/a#b", "/\xc3"}) {
    path.path = text;
    EXPECT_EQ(write(path), "not written") << text;
  }
}

TEST(Serialiser, SaysWhatTheHopNeeds) {
  const std::string_view bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(rewrite(bytes, {.close = true}), start + "Connection: close\r\n\r\n");
  EXPECT_EQ(rewrite(bytes, {.te_trailers = true}), start + "Connection: TE\r\nTE: trailers\r\n\r\n");
  EXPECT_EQ(rewrite(bytes, {.upgrade = "websocket"}), start + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_EQ(rewrite(bytes, {.close = true, .keep_alive_1_0 = true, .te_trailers = true}),
            start + "Connection: close, TE\r\nTE: trailers\r\n\r\n");
  EXPECT_EQ(rewrite(bytes, {.expect_continue = true}), start + "Expect: 100-continue\r\n\r\n");
}

TEST(Serialiser, StampsFinalResponses) {
  const std::string_view bare = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const std::string_view full = "HTTP/1.1 200 OK\r\nserver: s\r\ndate: d\r\nContent-Length: 0\r\n\r\n";
  const auto stamp = [](ServerHeader header) { return Stamp{.date = "D", .server = "S", .server_header = header}; };
  const std::string end = "Content-Length: 0\r\n\r\n";
  EXPECT_EQ(rewrite_response(bare, {}, stamp(ServerHeader::pass)), "HTTP/1.1 200 OK\r\nDate: D\r\nServer: S\r\n" + end);
  EXPECT_EQ(rewrite_response(bare, {}, stamp(ServerHeader::off)), "HTTP/1.1 200 OK\r\nDate: D\r\n" + end);
  EXPECT_EQ(rewrite_response(full, {}, stamp(ServerHeader::pass)), "HTTP/1.1 200 OK\r\nserver: s\r\ndate: d\r\n" + end);
  EXPECT_EQ(rewrite_response(full, {}, stamp(ServerHeader::replace)),
            "HTTP/1.1 200 OK\r\ndate: d\r\nServer: S\r\n" + end);
  EXPECT_EQ(rewrite_response(full, {}, stamp(ServerHeader::off)), "HTTP/1.1 200 OK\r\ndate: d\r\n" + end);
  EXPECT_EQ(rewrite_response(bare), "HTTP/1.1 200 OK\r\n" + end);
  EXPECT_EQ(rewrite_response("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", {}, stamp(ServerHeader::pass)),
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
}

TEST(Serialiser, WritesResponsesForEveryKindOfClient) {
  EXPECT_EQ(rewrite_response("HTTP/1.0 200 OK\r\n\r\nbody"), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(rewrite_response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", {.keep_alive_1_0 = true}),
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(rewrite_response("HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\nETag: \"a\"\r\n\r\n"),
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 12\r\nETag: \"a\"\r\n\r\n");
  EXPECT_EQ(rewrite_response("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", {}, {}, Method::head),
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n");
  EXPECT_EQ(rewrite_response("HTTP/1.1 204 No Content\r\nContent-Length: 12\r\n\r\n"),
            "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(rewrite_response("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
                             {.upgrade = "websocket"}),
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
}

TEST(Serialiser, TooLittleRoomIsNoMessage) {
  const Read read(RequestReading(), "PUT /a?b HTTP/1.1\r\nHost: a\r\nA: b\r\nContent-Length: 3\r\n\r\n");
  const Hop hop{.close = true};
  const std::string whole = write(read.head(), hop);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::vector<char> room(size);  // exact: the sanitizer sees a write past it
    EXPECT_EQ(write_request_head(room, read.head(), hop), std::nullopt);
  }
  std::vector<char> room(whole.size());
  EXPECT_EQ(write_request_head(room, read.head(), hop), whole.size());
}

TEST(Serialiser, WhatIsWrittenReadsBackAsTheSameModel) {
  for (
      const std::string& bytes :
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"s, "GET /%61/../b//c?x=%2f&y HTTP/1.1\r\nHost: A.b.:8080\r\nX-Y: z\r\n\r\n"s,
       "POST /a? HTTP/1.1\r\nhost: [::1]:81\r\nExpect: 100-continue\r\nContent-Length: 3\r\nTE: trailers\r\n\r\n"s,
       "PATCH http://a:90/ HTTP/1.1\r\nHost: a:90\r\nTransfer-Encoding: chunked\r\nTrailer: b\r\nEmpty:\r\n\r\n"s,
       "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, x\r\nUpgrade: websocket\r\nX: 1\r\nCookie: \xff\t\r\n\r\n"s,
       "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"s, "M-X / HTTP/1.0\r\nHost: a\r\n\r\n"s}) {
    const Read read(RequestReading(), bytes);
    ASSERT_TRUE(read.accepted()) << bytes << read.verdict();
    const std::string written = write(read.head(), hop_of(read.head()));
    EXPECT_TRUE(is_clean(written)) << written;
    const Read again(RequestReading(), written);
    ASSERT_TRUE(again.accepted()) << written << again.verdict();
    EXPECT_EQ(again.size(), written.size());
    EXPECT_EQ(describe(again.head()), describe(read.head()));
    EXPECT_EQ(write(again.head(), hop_of(again.head())), written);
  }
}

}  // namespace
}  // namespace sallyport::http::h1
