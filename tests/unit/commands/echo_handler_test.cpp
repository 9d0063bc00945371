// SPDX-License-Identifier: Apache-2.0
#include "commands/echo_handler.hpp"

#include "unit/commands/echo_test.hpp"

namespace sallyport::commands {
namespace {

using EchoHandlerTest = EchoTest;

std::string status_line(const std::string& answer) { return answer.substr(0, answer.find("\r\n")); }
std::string body(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  return end == answer.npos ? "" : answer.substr(end + 4);
}

TEST_F(EchoHandlerTest, DescribesWhatArrived) {
  const std::string answer = ask("/Cart?a=1", "x-one: 1\r\nX-ONE: 2\r\nuser-agent: me\r\n", "12345");
  EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");
  EXPECT_NE(answer.find("Content-Type: application/json\r\n"), std::string::npos);
  const std::string said = body(answer);
  for (const std::string_view part :
       {R"("path": "/Cart?a=1")", R"("host": "shop.example")", R"("method": "POST")", R"("proto": "HTTP/1.1")",
        R"("httpPort": "9101")", R"("bodyBytes": 5)", R"("namespace": "shop")", R"("ingress": "in")",
        R"("service": "web")", R"("pod": "web-1")", R"("User-Agent")"}) {
    EXPECT_NE(said.find(part), std::string::npos) << part << " in " << said;
  }
}

// As Go spells them, and the values of one name together.
TEST_F(EchoHandlerTest, NamesAreCanonical) {
  std::string said = body(ask("/", "x-REQUEST-id: 1\r\nX-Request-Id: 2\r\n3d-model: y\r\n"));
  std::erase_if(said, [](char c) { return c == ' ' || c == '\n'; });
  EXPECT_NE(said.find(R"("X-Request-Id":["1","2"])"), std::string::npos) << said;
  EXPECT_NE(said.find(R"("3d-Model":["y"])"), std::string::npos) << said;
}

TEST_F(EchoHandlerTest, HealthIsOk) {
  const std::string answer = ask("/health");
  EXPECT_EQ(status_line(answer), "HTTP/1.1 200 OK");
  EXPECT_EQ(body(answer), "OK");
}

TEST_F(EchoHandlerTest, StatusGivesTheStatusAskedFor) {
  EXPECT_EQ(status_line(ask("/status/201")), "HTTP/1.1 201 Created");
  EXPECT_EQ(status_line(ask("/status/503")), "HTTP/1.1 503 Service Unavailable");
  EXPECT_TRUE(status_line(ask("/status/599")).starts_with("HTTP/1.1 599"));
  for (const std::string_view wrong : {"/status/", "/status/100", "/status/199", "/status/600", "/status/abc",
                                       "/status/200x", "/status/+200", "/status/99999"}) {
    EXPECT_EQ(status_line(ask(wrong)), "HTTP/1.1 400 Bad Request") << wrong;
  }
}

TEST_F(EchoHandlerTest, AnswersOnlyAfterTheDelay) {
  const net::Time before = net::Clock::now();
  EXPECT_EQ(status_line(ask("/?a=b&delay=30ms")), "HTTP/1.1 200 OK");
  EXPECT_GE(net::Clock::now() - before, net::Duration(30));
  EXPECT_EQ(status_line(ask("/?delay=soon")), "HTTP/1.1 200 OK") << "what is no duration does not delay";
}

TEST_F(EchoHandlerTest, WhoWaitsForADelayMayGoFirst) {
  auto peer = connect();
  peer->send("GET /?delay=1h HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return !log_.str().empty(); }));
  peer->reset();
  ASSERT_TRUE(run_until([&] { return server_.connections() == 0; }));
  EXPECT_EQ(loop_.buffers().in_use(), 0U);
}

TEST_F(EchoHandlerTest, FieldsOfTheAnswerAreSetAsAsked) {
  const std::string answer = ask("/", "X-Echo-Set-Header: x-one:1, x-two : 2 ,nonsense, :none, x-none:\r\n");
  EXPECT_NE(answer.find("\r\nx-one: 1\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\r\nx-two: 2\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\r\nx-none: \r\n"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("nonsense: "), std::string::npos);
}

TEST_F(EchoHandlerTest, FieldsThatSayHowLongTheAnswerIsCannotBeSet) {
  const std::string answer = ask("/", "X-Echo-Set-Header: content-length:1,transfer-encoding:chunked\r\n");
  EXPECT_EQ(answer.find("content-length: 1"), std::string::npos);
  EXPECT_EQ(answer.find("\r\ntransfer-encoding"), std::string::npos);
}

TEST_F(EchoHandlerTest, RetryFailsAsOftenAsAskedForEachUuid) {
  const std::string_view one = "/retry?uuid=one&succeedAfter=2&responseCode=503";
  const std::string_view other = "/retry/x?uuid=other&succeedAfter=1&responseCode=500";
  EXPECT_TRUE(ask(one).starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(ask(other).starts_with("HTTP/1.1 500"));
  EXPECT_TRUE(ask(one).starts_with("HTTP/1.1 503"));
  EXPECT_TRUE(ask(one).starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(ask(other).starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(ask(one).starts_with("HTTP/1.1 503")) << "and it begins again";
}

TEST_F(EchoHandlerTest, RetryWithoutAStatusIsAReset) {
  const auto peer = connect();
  peer->send("GET /retry?uuid=u&succeedAfter=1 HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return peer->over(); }));
  EXPECT_TRUE(peer->saw_reset());
  EXPECT_EQ(peer->text(), "");
}

TEST_F(EchoHandlerTest, RetryHasToBeTold) {
  for (const std::string_view target : {"/retry", "/retry?uuid=u", "/retry?succeedAfter=1",
                                        "/retry?uuid=u&succeedAfter=x", "/retry?uuid=&succeedAfter=1"}) {
    EXPECT_TRUE(ask(target).starts_with("HTTP/1.1 400")) << target;
  }
}

TEST_F(EchoHandlerTest, EveryRequestIsALineOfTheLog) {
  ask("/a?b");
  EXPECT_EQ(log_.str(), "Echoing back request made to /a?b to client (192.0.2.1:1234)\n");
}

}  // namespace
}  // namespace sallyport::commands
