// SPDX-License-Identifier: Apache-2.0

#include "http/gateway_answer.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "http/fixed_body.hpp"

namespace sallyport::http {
namespace {

using syntax::HeaderId;

constexpr int codes = static_cast<int>(Code::invalid) + 1;

net::Task<void> read_all(Body& body, std::string& all) {
  for (;;) {
    const Result<std::string_view> piece = co_await body.read();
    EXPECT_TRUE(piece);
    if (!piece || piece->empty()) co_return;
    all += *piece;
  }
}

// A body of memory is read without a loop.
std::string text_of(Body& body) {
  std::string all;
  auto reading = read_all(body, all);
  reading.start();
  EXPECT_TRUE(reading.done());
  return all;
}

std::string text_of(Response& response) { return response.body == nullptr ? std::string() : text_of(*response.body); }

TEST(GatewayAnswer, EveryCodeHasItsOwnWord) {
  std::set<std::string_view> words;
  for (int code = 0; code < codes; ++code) {
    const Answer& answer = answer_for(static_cast<Code>(code));
    EXPECT_TRUE(words.insert(answer.word).second) << answer.word;
    EXPECT_FALSE(answer.sentence.empty());
    if (answer.status != 499) {
      EXPECT_EQ(answer.reason, reason_phrase(answer.status));
    }
    EXPECT_EQ(answer.status < 500 || answer.status == 501 || answer.status == 505, answer.fault == Fault::client);
  }
}

TEST(GatewayAnswer, StatusesAreThoseThatClientsExpect) {
  const auto status_of = [](Code code) { return answer_for(code).status; };
  EXPECT_EQ(status_of(Code::bad_request), 400);
  EXPECT_EQ(status_of(Code::uri_too_long), 414);
  EXPECT_EQ(status_of(Code::header_too_large), 431);
  EXPECT_EQ(status_of(Code::method_not_allowed), 405);
  EXPECT_EQ(status_of(Code::not_implemented), 501);
  EXPECT_EQ(status_of(Code::version_not_supported), 505);
  EXPECT_EQ(status_of(Code::expectation_failed), 417);
  EXPECT_EQ(status_of(Code::client_timeout), 408);
  EXPECT_EQ(status_of(Code::no_host), 404);
  EXPECT_EQ(status_of(Code::no_path), 404);
  EXPECT_EQ(status_of(Code::connect_failed), 502);
  EXPECT_EQ(status_of(Code::upstream_malformed), 502);
  EXPECT_EQ(status_of(Code::connect_timeout), 504);
  EXPECT_EQ(status_of(Code::upstream_timeout), 504);
  EXPECT_EQ(status_of(Code::no_endpoints), 503);
  EXPECT_EQ(status_of(Code::internal), 500);
}

TEST(GatewayAnswer, NamesTheRuleAndWhatTheClientCanMend) {
  Arena arena;
  const Error error{.code = Code::bad_path, .rule = "H1-20", .detail = "encoded slash (--encoded-slash keep)"};
  Response response = gateway_answer(arena, error, Method::get);
  const std::string text = text_of(response);
  EXPECT_EQ(text,
            "400 bad_path (H1-20)\nThe path of the request is not accepted.\nencoded slash (--encoded-slash keep)\n");
  EXPECT_EQ(response.head.status, 400);
  EXPECT_EQ(response.head.reason, "Bad Request");
  EXPECT_EQ(response.head.framing, (Framing{.kind = Framing::Kind::length, .length = text.size()}));
  EXPECT_EQ(response.head.fields.value(HeaderId::content_type), "text/plain; charset=utf-8");
  EXPECT_EQ(response.head.fields.find("x-content-type-options")->value, "nosniff");
  EXPECT_FALSE(response.head.keep_alive);
}

TEST(GatewayAnswer, ShowsNothingInternal) {
  for (int code = 0; code < codes; ++code) {
    Arena arena;
    const Error error{.code = static_cast<Code>(code), .detail = "10.1.2.3:8080 shop/web"};
    Response response = gateway_answer(arena, error, Method::get);
    const bool clients_message = answer_for(error.code).fault == Fault::client && answer_for(error.code).closes &&
                                 error.code != Code::client_gone;
    EXPECT_EQ(text_of(response).find("10.1.2.3") != std::string::npos, clients_message) << code;
  }
}

TEST(GatewayAnswer, DetailsArePrintableAndShort) {
  Arena arena;
  const Error error{.code = Code::bad_request, .detail = "a\r\n\x1b<\xff" + std::string(1000, 'b')};
  Response response = gateway_answer(arena, error, Method::get);
  const std::string text = text_of(response);
  EXPECT_NE(text.find("\na\?\?\?<\?bbb"), std::string::npos) << text;
  EXPECT_LT(text.size(), 300U);
}

TEST(GatewayAnswer, HeadGetsTheSameHeadAndNoBody) {
  Arena arena;
  const Error error{.code = Code::no_path};
  Response get = gateway_answer(arena, error, Method::get);
  Response head = gateway_answer(arena, error, Method::head);
  EXPECT_EQ(head.body, nullptr);
  EXPECT_EQ(head.head.framing, get.head.framing);
  EXPECT_EQ(head.head.framing.length, text_of(get).size());
  EXPECT_TRUE(head.head.keep_alive);
}

TEST(GatewayAnswer, MethodNotAllowedListsMethods) {
  Arena arena;
  const Response response = gateway_answer(arena, Error{.code = Code::method_not_allowed}, Method::other);
  EXPECT_NE(response.head.fields.value(HeaderId::allow).find("GET"), std::string_view::npos);
  const Response other = gateway_answer(arena, Error{.code = Code::no_path}, Method::other);
  EXPECT_EQ(other.head.fields.find(HeaderId::allow), nullptr);
}

TEST(GatewayAnswer, IsBareWithoutMemory) {
  Arena none(0);
  Response response = gateway_answer(none, Error{.code = Code::internal}, Method::get);
  EXPECT_EQ(response.head.status, 500);
  EXPECT_EQ(response.body, nullptr);
  EXPECT_EQ(response.head.framing, (Framing{.kind = Framing::Kind::length, .length = 0}));
  EXPECT_TRUE(response.head.fields.empty());
}

TEST(ReasonPhrase, IsEmptyForWhatHasNoName) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(511), "Network Authentication Required");
  EXPECT_EQ(reason_phrase(299), "");
  EXPECT_EQ(reason_phrase(599), "");
}

TEST(FixedBody, GivesItsTextOnceAndThenTheEnd) {
  FixedBody body("hello");
  EXPECT_TRUE(body.ready());
  EXPECT_EQ(text_of(body), "hello");
  EXPECT_EQ(text_of(body), "");
}

}  // namespace
}  // namespace sallyport::http
