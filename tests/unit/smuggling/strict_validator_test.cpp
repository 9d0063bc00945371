// SPDX-License-Identifier: Apache-2.0
#include "support/strict_validator.hpp"

#include <gtest/gtest.h>

#include "streams.hpp"

namespace sallyport::support::strict {
namespace {

std::string request(const std::string& fields, const std::string& body = "") {
  return "POST /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

struct Case {
  std::string bytes;
  End end;
  std::size_t messages;
};

const Case requests[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", End::whole, 1},
    {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", End::whole, 1},
    {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", End::refused, 0},
    {"GET / HTTP/1.1\nHost: a\n\n", End::cut, 0},
    {"GET / HTTP/1.1\nHost: a\r\n\r\n", End::refused, 0},
    {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", End::refused, 0},
    {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", End::refused, 0},
    {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", End::refused, 0},
    {"GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", End::refused, 0},
    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", End::refused, 0},
    {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", End::whole, 1},
    {"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", End::whole, 1},
    {"GET http://u@b/ HTTP/1.1\r\nHost: a\r\n\r\n", End::refused, 0},
    {"GET / HTTP/1.1\r\n\r\n", End::refused, 0},
    {"GET / HTTP/1.0\r\n\r\n", End::closed, 1},
    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", End::whole, 1},
    {request("Host: a\r\n"), End::refused, 0},
    {request("A : b\r\n"), End::refused, 0},
    {request(" A: b\r\n"), End::refused, 0},
    {request("A: b\r\n c\r\n"), End::refused, 0},
    {request(": b\r\n"), End::refused, 0},
    {request("A: b\rc\r\n"), End::refused, 0},
    {request("Connection: a b\r\n"), End::refused, 0},
    {request("Connection: close\r\n") + request(""), End::closed, 1},
    {request("Content-Length: 3\r\n", "abc") + request(""), End::whole, 2},
    {request("Content-Length: 3\r\n", "ab"), End::cut, 0},
    {request("Content-Length: +3\r\n", "abc"), End::refused, 0},
    {request("Content-Length: 3, 3\r\n", "abc"), End::refused, 0},
    {request("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), End::refused, 0},
    {request("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), End::refused, 0},
    {request("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), End::whole, 1},
    {request("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), End::whole, 1},
    {request("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), End::refused, 0},
    {request("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), End::refused, 0},
    {request("Transfer-Encoding: gzip\r\n"), End::refused, 0},
    {request("Transfer-Encoding: chunked\r\n", "0\r\n\r"), End::cut, 0},
    {request("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n"), End::refused, 0},
    {request("Transfer-Encoding: chunked\r\n", "3\nabc\r\n0\r\n\r\n"), End::refused, 0},
    {request("Transfer-Encoding: chunked\r\n", "3\r\nabcd\r\n0\r\n\r\n"), End::refused, 0},
    {request("Transfer-Encoding: chunked\r\n", "3 ;a = \"b\\\"c\"\r\nabc\r\n0\r\n\r\n"), End::whole, 1},
    {request("Transfer-Encoding: chunked\r\n", "3;\r\nabc\r\n0\r\n\r\n"), End::refused, 0},
    {request("Transfer-Encoding: chunked\r\n", "8000000000000000\r\nabc"), End::refused, 0},
    {request("Transfer-Encoding: chunked\r\n", "0\r\nA: b\r\n\r\n"), End::whole, 1},
    {request("Transfer-Encoding: chunked\r\n", "0\r\nA b\r\n\r\n"), End::refused, 0},
};

TEST(StrictValidator, ReadsRequestsAsTheRfcSays) {
  for (const Case& one : requests) {
    const Reading reading = read_requests(one.bytes, As::sent);
    EXPECT_EQ(reading.end, one.end) << smuggling::escaped(one.bytes) << " " << reading.why;
    EXPECT_EQ(reading.messages.size(), one.messages) << smuggling::escaped(one.bytes);
  }
}

TEST(StrictValidator, TellsWhatARequestIs) {
  const std::string bytes =
      request("Transfer-Encoding: chunked\r\nX:  y \r\n", "2\r\nab\r\n1\r\nc\r\n0\r\nT: u\r\n\r\n");
  const Reading reading = read_requests(bytes, As::sent);
  ASSERT_EQ(reading.messages.size(), 1U);
  const Message& message = reading.messages[0];
  EXPECT_EQ(message.method, "POST");
  EXPECT_EQ(message.target, "/a");
  EXPECT_EQ(message.host, "a");
  EXPECT_EQ(message.body, "abc");
  EXPECT_EQ(message.trailers, std::vector<Line>({{"T", "u"}}));
  EXPECT_EQ(message.fields.back(), (Line{"X", "y"}));
  EXPECT_EQ(message.end, bytes.size());
}

TEST(StrictValidator, WhatIsReceivedMayBeLooserThanWhatIsSent) {
  const std::string path = "GET /{a} HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(read_requests(path, As::received).end, End::whole);
  EXPECT_EQ(read_requests(path, As::sent).end, End::refused);
  const std::string reason = "HTTP/1.1 204\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(read_responses(reason, {"GET"}, true, As::received).end, End::whole);
  EXPECT_EQ(read_responses(reason, {"GET"}, true, As::sent).end, End::refused);
}

TEST(StrictValidator, ReadsResponsesByTheMethodAskedWith) {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
  EXPECT_EQ(read_responses(ok + "abc", {"GET"}, false, As::sent).end, End::whole);
  EXPECT_EQ(read_responses(ok + "ab", {"GET"}, true, As::sent).end, End::cut);
  EXPECT_EQ(read_responses(ok + "abcd", {"GET"}, true, As::sent).end, End::refused);
  EXPECT_EQ(read_responses(ok, {"HEAD"}, false, As::sent).end, End::whole);
  EXPECT_EQ(read_responses(ok + ok + "abc", {"HEAD", "GET"}, false, As::sent).messages.size(), 2U);
  const std::string early = "HTTP/1.1 103 Early Hints\r\n\r\n";
  EXPECT_EQ(read_responses(early + ok + "abc", {"GET"}, false, As::sent).messages.size(), 2U);
  EXPECT_EQ(read_responses(early, {"GET"}, true, As::sent).end, End::cut);
  const std::string to_the_end = "HTTP/1.1 200 OK\r\n\r\nabc";
  EXPECT_EQ(read_responses(to_the_end, {"GET"}, true, As::sent).messages.at(0).body, "abc");
  EXPECT_EQ(read_responses(to_the_end, {"GET"}, false, As::sent).end, End::cut);
  EXPECT_EQ(read_responses("HTTP/1.1 2000 OK\r\n\r\n", {"GET"}, true, As::sent).end, End::refused);
  EXPECT_EQ(read_responses("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", {"GET"}, true, As::sent).end,
            End::refused);
}

}  // namespace
}  // namespace sallyport::support::strict
