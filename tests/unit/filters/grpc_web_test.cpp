// SPDX-License-Identifier: Apache-2.0
#include "filters/grpc_web.hpp"

#include <string>

#include "support/scripted_body.hpp"
#include "unit/filters/filter_test.hpp"

namespace sallyport::filters {
namespace {

using syntax::HeaderId;

constexpr std::string_view message("\0\0\0\0\2ab", 7);
constexpr std::string_view message_text = "AAAAAAJhYg==";

class GrpcWebTest : public FilterTest {
 protected:
  // An origin that keeps what it is asked, and gives the answer that the test wants.
  struct Origin final : Stage {
    explicit Origin(GrpcWebTest& of) : test(of) {}
    net::Task<Result<http::Response>> run() override {
      http::Request& request = test.incoming_.request;
      test.asked_type_ = request.head.fields.value(HeaderId::content_type);
      while (request.body != nullptr) {
        const Result<std::string_view> piece = co_await request.body->read();
        if (!piece) co_return Failure(piece.error());
        if (piece->empty()) break;
        test.asked_ += *piece;
      }
      if (test.failure_) co_return fail(*test.failure_);
      http::Response response(test.arena_);
      response.head.framing.kind = test.answer_ == nullptr ? http::Framing::Kind::none : http::Framing::Kind::chunked;
      for (const auto& [name, value] : test.answer_fields_) EXPECT_TRUE(response.head.fields.add(name, value));
      response.body.reset(test.answer_);
      co_return response;
    }
    GrpcWebTest& test;
  };

  static net::Task<void> ask_and_read(GrpcWebTest& test) {
    const Chain chain = {std::make_shared<GrpcWeb>(model::GrpcWeb())};
    test.result_.emplace(co_await Next(chain, test.origin_)(test.exchange_));
    while (*test.result_ && (*test.result_)->body) {
      const Result<std::string_view> piece = co_await (*test.result_)->body->read();
      EXPECT_TRUE(piece);
      if (!piece || piece->empty()) break;
      test.got_ += *piece;
    }
  }

  void ask(std::string_view type, std::string_view body) {
    incoming_.request.head.method = http::Method::post;
    add("content-type", type);
    incoming_.request.head.framing = {.kind = http::Framing::Kind::length, .length = body.size()};
    if (!body.empty()) body_.add(std::string(body));
    incoming_.request.body = &body_;
    task_ = ask_and_read(*this);
    task_.start();
    ASSERT_TRUE(result_.has_value());
  }
  // A body of gRPC, and trailers behind it.
  void answer(std::string_view body) {
    answer_ = arena_.make<support::ScriptedBody>();
    answer_->add(std::string(body));
    answer_->set_trailers(trailers_);
    answer_fields_ = {{"content-type", "application/grpc+proto"}};
  }
  const http::ResponseHead& head() { return (*result_)->head; }

  Origin origin_{*this};
  support::ScriptedBody body_;
  support::ScriptedBody* answer_ = nullptr;
  http::Fields trailers_{arena_};
  std::vector<std::pair<std::string_view, std::string_view>> answer_fields_;
  std::optional<Code> failure_;
  std::string asked_type_;
  std::string asked_;
  std::string got_;
};

TEST_F(GrpcWebTest, MessagesGoUpAsTheyAre) {
  ask("application/grpc-web+proto", message);
  EXPECT_EQ(asked_type_, "application/grpc+proto");
  EXPECT_EQ(asked_, message);
  EXPECT_TRUE(incoming_.request.head.accepts_trailers);
  EXPECT_EQ(incoming_.request.head.framing.length, message.size());
}

TEST_F(GrpcWebTest, TextGoesUpDecodedAndWithoutItsLength) {
  ask("application/grpc-web-text", message_text);
  EXPECT_EQ(asked_type_, "application/grpc");
  EXPECT_EQ(asked_, message);
  EXPECT_EQ(incoming_.request.head.framing, http::Framing{.kind = http::Framing::Kind::chunked});
}

TEST_F(GrpcWebTest, ALongTextGoesUpInPieces) {
  std::string text;
  std::string bytes;
  for (int i = 0; i < 5000; ++i) {
    text += message_text;
    bytes += message;
  }
  ask("application/grpc-web-text", text);
  EXPECT_EQ(asked_, bytes);
}

TEST_F(GrpcWebTest, TextThatIsNoBase64IsTheClientsFault) {
  ask("application/grpc-web-text", "AAAA*AAA");
  ASSERT_FALSE(*result_);
  EXPECT_EQ(result_->error().code, Code::bad_request);
  EXPECT_STREQ(result_->error().rule, "G-1");
}

TEST_F(GrpcWebTest, TextThatIsCutShortIsTheClientsFault) {
  ask("application/grpc-web-text", "AAAAAAJ");
  ASSERT_FALSE(*result_);
  EXPECT_EQ(result_->error().code, Code::bad_request);
}

TEST_F(GrpcWebTest, TrailersComeDownAsAMessage) {
  ASSERT_TRUE(trailers_.add("Grpc-Status", "0"));
  ASSERT_TRUE(trailers_.add("grpc-message", "fine"));
  answer(message);
  ask("application/grpc-web", message);
  EXPECT_EQ(head().fields.value(HeaderId::content_type), "application/grpc-web+proto");
  EXPECT_EQ(got_, std::string(message) + std::string("\x80\0\0\0\x22", 5) + "grpc-status:0\r\ngrpc-message:fine\r\n");
  EXPECT_EQ((*result_)->body->trailers(), nullptr);
  // Whatever comes of the body: who answers in its place sees what the client asked for.
  EXPECT_EQ(incoming_.request.head.fields.value(HeaderId::content_type), "application/grpc-web");
}

TEST_F(GrpcWebTest, TextComesDownEncoded) {
  ASSERT_TRUE(trailers_.add("grpc-status", "0"));
  answer(message);
  ask("application/grpc-web-text+proto", message_text);
  EXPECT_EQ(head().fields.value(HeaderId::content_type), "application/grpc-web-text+proto");
  EXPECT_EQ(got_, std::string(message_text) + "gAAAAA9ncnBjLXN0YXR1czowDQo=");
}

TEST_F(GrpcWebTest, ALongAnswerComesDownInPieces) {
  std::string text;
  std::string bytes;
  for (int i = 0; i < 5000; ++i) {
    text += message_text;
    bytes += message;
  }
  answer(bytes);
  ask("application/grpc-web-text", message_text);
  EXPECT_EQ(got_, text);
}

// Trailers-only: browsers see the head.
TEST_F(GrpcWebTest, AnAnswerThatIsAllHeadStaysOne) {
  answer_fields_ = {{"content-type", "application/grpc"}, {"grpc-status", "5"}};
  ask("application/grpc-web-text", message_text);
  EXPECT_EQ(head().fields.value(HeaderId::content_type), "application/grpc-web-text");
  EXPECT_EQ(head().fields.value(HeaderId::grpc_status), "5");
  EXPECT_EQ(got_, "");
  EXPECT_EQ(head().framing.kind, http::Framing::Kind::none);
}

TEST_F(GrpcWebTest, AnAnswerThatIsNotGrpcStaysAsItIs) {
  answer("<html>");
  answer_fields_ = {{"content-type", "text/html"}};
  ask("application/grpc-web-text", message_text);
  EXPECT_EQ(head().fields.value(HeaderId::content_type), "text/html");
  EXPECT_EQ(got_, "<html>");
}

TEST_F(GrpcWebTest, AnErrorFindsTheRequestAsItCame) {
  failure_ = Code::no_endpoints;
  ask("application/grpc-web-text+proto", message_text);
  ASSERT_FALSE(*result_);
  EXPECT_EQ(fields().value(HeaderId::content_type), "application/grpc-web-text+proto");
}

TEST_F(GrpcWebTest, OtherRequestsPassAsTheyAre) {
  for (const std::string_view type : {"application/grpc", "text/plain", "application/grpc-webs"}) {
    fields().clear();
    asked_.clear();
    result_.reset();
    ask(type, message_text);
    EXPECT_EQ(asked_type_, type);
    EXPECT_EQ(asked_, message_text);
  }
}

TEST_F(GrpcWebTest, WithoutRoomTheRequestIsRefused) {
  while (!arena_.text(8 * 1024).empty()) continue;
  while (!arena_.text(64).empty()) continue;
  while (!arena_.text(1).empty()) continue;
  Arena fields_arena;
  incoming_.request.head.fields = http::Fields(fields_arena);
  ask("application/grpc-web-text+proto", message_text);
  ASSERT_FALSE(*result_);
  EXPECT_EQ(result_->error().code, Code::overloaded);
}

}  // namespace
}  // namespace sallyport::filters
