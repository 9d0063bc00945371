// SPDX-License-Identifier: Apache-2.0
#include "admin/health_pages.hpp"

#include <gtest/gtest.h>

#include "support/gate.hpp"
#include "support/loop_test.hpp"

namespace sallyport::admin {
namespace {

class HealthPagesTest : public support::LoopTest, private http::InterimSink {
 protected:
  HealthPagesTest()
      : pages_({.not_live = [this] { return not_live_; },
                .not_ready = [this] { return not_ready_; },
                .metrics = [this] { return metrics(*this); }}) {}

  net::Task<Result<void>> interim(const http::ResponseHead&) override { co_return Result<void>(); }

  static net::Task<std::string> metrics(HealthPagesTest& test) {
    co_await test.gate_.opened();
    co_return "sallyport_ready 1\n";
  }
  static net::Task<void> ask_it(HealthPagesTest& test) {
    test.result_.emplace(co_await test.pages_.handle(test.incoming_));
    while (*test.result_ && (*test.result_)->body) {
      const Result<std::string_view> piece = co_await (*test.result_)->body->read();
      if (!piece || piece->empty()) break;
      test.body_ += *piece;
    }
  }
  void ask(std::string_view path, http::Method method = http::Method::get) {
    result_.reset();
    body_.clear();
    incoming_.request.head.path = path;
    incoming_.request.head.method = method;
    task_ = ask_it(*this);
    task_.start();
  }
  // "200 ok"
  std::string page(std::string_view path) {
    ask(path);
    EXPECT_TRUE(result_ && *result_);
    return std::to_string((*result_)->head.status) + " " + body_;
  }

  std::string not_live_;
  std::string not_ready_;
  support::Gate gate_;
  Arena arena_;
  http::ConnectionFacts connection_ = http::ConnectionFacts::of(*syntax::SocketAddress::parse("127.0.0.1:1"));
  http::Incoming incoming_{arena_, loop_, connection_, *this};
  HealthPages pages_;
  std::optional<Result<http::Response>> result_;
  std::string body_;
  net::Task<void> task_;
};

TEST_F(HealthPagesTest, LivezSaysWhatIsNotAlive) {
  for (const std::string_view path : {"/livez", "/healthz"}) {
    not_live_.clear();
    EXPECT_EQ(page(path), "200 ok\n");
    not_live_ = "a worker hangs";
    EXPECT_EQ(page(path), "503 a worker hangs\n");
  }
}

TEST_F(HealthPagesTest, ReadyzSaysWhatIsNotReady) {
  not_live_ = "not its business";
  EXPECT_EQ(page("/readyz"), "200 ok\n");
  not_ready_ = "shutting down";
  EXPECT_EQ(page("/readyz"), "503 shutting down\n");
}

TEST_F(HealthPagesTest, MetricsWaitForTheWorkers) {
  ask("/metrics");
  EXPECT_FALSE(result_.has_value());
  gate_.open();
  ASSERT_TRUE(result_ && *result_);
  EXPECT_EQ((*result_)->head.status, 200);
  EXPECT_EQ((*result_)->head.fields.value(syntax::HeaderId::content_type), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(body_, "sallyport_ready 1\n");
}

TEST_F(HealthPagesTest, ForHeadNoMetricsAreGathered) {
  ask("/metrics", http::Method::head);
  EXPECT_FALSE(gate_.has_waiter());
  ASSERT_TRUE(result_ && *result_);
  EXPECT_EQ((*result_)->head.status, 200);
  EXPECT_EQ((*result_)->head.fields.value(syntax::HeaderId::content_type), "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(HealthPagesTest, WhoAsksForMetricsMayGoFirst) {
  ask("/metrics");
  ASSERT_TRUE(gate_.has_waiter());
  task_.reset();
  EXPECT_FALSE(gate_.has_waiter());
}

TEST_F(HealthPagesTest, HeadIsAnsweredAndOtherMethodsAreNot) {
  ask("/livez", http::Method::head);
  ASSERT_TRUE(*result_);
  EXPECT_EQ((*result_)->head.status, 200);
  for (const auto method :
       {http::Method::post, http::Method::put, http::Method::delete_, http::Method::options, http::Method::other}) {
    ask("/livez", method);
    ASSERT_TRUE(*result_);
    EXPECT_EQ((*result_)->head.status, 405);
    EXPECT_EQ((*result_)->head.fields.value(syntax::HeaderId::allow), "GET, HEAD");
  }
}

TEST_F(HealthPagesTest, WhoAsksForNoPageIsToldWhichThereAre) {
  for (const std::string_view path : {"/", "/metrics/", "/livez/x", "/config"}) {
    EXPECT_EQ(page(path), "404 404 no_path\nThere are /livez, /healthz, /readyz and /metrics.\n") << path;
  }
}

}  // namespace
}  // namespace sallyport::admin
