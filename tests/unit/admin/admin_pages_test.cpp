// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_pages.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "support/loop_test.hpp"

namespace sallyport::admin {
namespace {

class Text final : public http::TextSource {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}

  bool append_to(std::string& out) override {
    out += text_;
    return false;
  }

 private:
  std::string text_;
};

Report saying(std::string_view name) {
  return [name](const http::RequestHead& request) {
    return Page{.content_type = "application/json",
                .text = std::make_unique<Text>(std::string(name) + "?" + std::string(request.query))};
  };
}

class AdminPagesTest : public support::LoopTest, private http::InterimSink {
 protected:
  AdminPagesTest() { incoming_.request.head.host = incoming_.request.head.authority = "localhost"; }

  net::Task<Result<void>> interim(const http::ResponseHead&) override { co_return Result<void>(); }

  static net::Task<void> ask_it(AdminPagesTest& test) {
    test.result_.emplace(co_await test.pages_.handle(test.incoming_));
    while (*test.result_) {
      const Result<std::string_view> piece = co_await (*test.result_)->body->read();
      if (!piece || piece->empty()) break;
      test.body_ += *piece;
    }
    test.over_ = true;
  }
  const Result<http::Response>& ask(std::string_view path, http::Method method = http::Method::get) {
    over_ = false;
    body_.clear();
    result_.reset();
    incoming_.request.head.path = path;
    incoming_.request.head.method = method;
    task_ = ask_it(*this);
    task_.start();
    EXPECT_TRUE(run_until([&] { return over_; }));
    return *result_;
  }

  Arena arena_;
  http::ConnectionFacts connection_ = http::ConnectionFacts::of(*syntax::SocketAddress::parse("127.0.0.1:1"));
  http::Incoming incoming_{arena_, loop_, connection_, *this};
  AdminPages pages_{{.config = saying("config"),
                     .limits = saying("limits"),
                     .status = saying("status"),
                     .explain = saying("explain")},
                    {}};
  std::optional<Result<http::Response>> result_;
  std::string body_;
  bool over_ = false;
  net::Task<void> task_;
};

TEST_F(AdminPagesTest, EachPageIsItsReport) {
  incoming_.request.head.query = "a=b";
  for (const std::string name : {"config", "limits", "status", "explain"}) {
    const auto& response = ask("/" + name);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->head.status, 200);
    EXPECT_EQ(response->head.fields.value(syntax::HeaderId::content_type), "application/json");
    EXPECT_EQ(body_, name + "?a=b");
    ASSERT_NE(response->head.fields.find("cross-origin-resource-policy"), nullptr);
    EXPECT_EQ(response->head.fields.find("cross-origin-resource-policy")->value, "same-origin");
  }
}

TEST_F(AdminPagesTest, NothingCanBeWritten) {
  EXPECT_TRUE(ask("/config", http::Method::head));
  for (const auto method :
       {http::Method::post, http::Method::put, http::Method::delete_, http::Method::options, http::Method::other}) {
    const auto& response = ask("/config", method);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->head.status, 405);
    EXPECT_EQ(response->head.fields.value(syntax::HeaderId::allow), "GET, HEAD");
    EXPECT_FALSE(response->head.keep_alive);
  }
}

TEST_F(AdminPagesTest, WhoAsksForNoPageIsToldWhichThereAre) {
  for (const std::string_view path : {"/", "/config/", "/metrics", "/livez"}) {
    const auto& response = ask(path);
    ASSERT_TRUE(response) << path;
    EXPECT_EQ(response->head.status, 404);
    EXPECT_EQ(body_, "404 no_path\nThere are /config, /limits, /status and /explain.\n");
  }
}

TEST_F(AdminPagesTest, WhoMayNotAskIsToldWhyWhateverTheMethod) {
  incoming_.request.head.host = incoming_.request.head.authority = "rebound.test";
  for (const auto method : {http::Method::get, http::Method::post}) {
    const auto& response = ask("/config", method);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->head.status, 403);
    EXPECT_NE(body_.find("Host"), std::string::npos) << body_;
  }
}

}  // namespace
}  // namespace sallyport::admin
