// SPDX-License-Identifier: Apache-2.0
#include "proxy/passage.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "http/fixed_body.hpp"
#include "unit/proxy/upstream_test.hpp"

namespace sallyport::proxy {
namespace {

using Answer = net::Task<Result<http::Response>>;

// Does what the test says.
class Scripted final : public filters::Filter {
 public:
  using Script = std::function<Answer(filters::Exchange&, filters::Next)>;

  explicit Scripted(Script script) : script_(std::move(script)) {}
  Answer handle(filters::Exchange& exchange, filters::Next next) const override { return script_(exchange, next); }

 private:
  Script script_;
};

Answer reroutes(filters::Exchange& exchange, filters::Next) { return exchange.reroute(); }

class PassageTest : public UpstreamTest {
 protected:
  PassageTest() { head().path = "/"; }
  ~PassageTest() override {
    task_.reset();
    result_.reset();
    passage_.reset();
    serving_ = {};
    listener_ = {};
  }

  http::RequestHead& head() { return incoming_.request.head; }

  // A rule of any host; those added first rank first.
  routing::Rule& rule(std::string_view path = "") {
    auto made = std::make_shared<routing::Rule>();
    made->model.path = {.kind = model::PathMatch::Kind::element_prefix, .value = std::string(path)};
    made->model.rank.index = static_cast<std::uint32_t>(rules_.size());
    rules_.push_back(made);
    return *made;
  }
  static void add_answer(routing::Rule& to, Code code, std::uint64_t up_to = 1) {
    to.destinations.push_back({.backend = {}, .answer = code, .weight_up_to = up_to, .chain = {}});
  }
  static void add_backend(routing::Rule& to, routing::Slot slot, std::uint64_t up_to = 1) {
    to.destinations.push_back({.backend = slot, .answer = Code::internal, .weight_up_to = up_to, .chain = {}});
  }
  static std::shared_ptr<const filters::Filter> filter(Scripted::Script script) {
    return std::make_shared<Scripted>(std::move(script));
  }

  Passage& passage(std::array<std::uint64_t, 2> number = {}) {
    const routing::Rules rules(rules_.begin(), rules_.end());
    listener_.table = std::make_shared<const routing::Table>(rules);
    return passage_.emplace(incoming_, Hold<Serving>(serving_), listener_, states_, number);
  }

  static net::Task<void> run_it(PassageTest& test) { test.result_.emplace(co_await test.passage_->run()); }
  void start(std::array<std::uint64_t, 2> number = {}) {
    passage(number);
    task_ = run_it(*this);
    task_.start();
  }
  std::optional<Code> failure(std::array<std::uint64_t, 2> number = {}) {
    start(number);
    EXPECT_TRUE(result_.has_value()) << "it waits";
    if (!result_ || *result_) return std::nullopt;
    return result_->error().code;
  }

  Arena arena_;
  Interims interims_;
  http::Incoming incoming_{arena_, loop_, *syntax::SocketAddress::parse("192.0.2.1:1234"), interims_};
  filters::SharedStates shared_;
  filters::WorkerStates states_{shared_};
  Serving serving_{.snapshot = std::make_shared<routing::Snapshot>(), .pools = {}};
  routing::Listener listener_;
  std::vector<std::shared_ptr<routing::Rule>> rules_;
  std::optional<Passage> passage_;
  std::optional<Result<http::Response>> result_;
  net::Task<void> task_;
};

TEST_F(PassageTest, AHostThatNobodyServesIsNoHost) { EXPECT_EQ(failure(), Code::no_host); }

TEST_F(PassageTest, APathThatNobodyServesIsNoPath) {
  add_answer(rule("/shop"), Code::internal);
  EXPECT_EQ(failure(), Code::no_path);
  EXPECT_EQ(passage_->match.rule, nullptr);
}

TEST_F(PassageTest, ARuleWithoutDestinationsIsNoService) {
  rule();
  EXPECT_EQ(failure(), Code::no_service);
}

TEST_F(PassageTest, ABackendThatIsNotThereIsNoService) {
  add_backend(rule(), 7);
  EXPECT_EQ(failure(), Code::no_service);
  EXPECT_EQ(passage_->pool(), nullptr);
}

TEST_F(PassageTest, ABackendWithoutEndpointsIsNoEndpoints) {
  pool({});
  serving_.pools = {pool_};
  add_backend(rule(), 0);
  EXPECT_EQ(failure(), Code::no_endpoints);
  EXPECT_EQ(passage_->pool(), pool_.get());
  EXPECT_EQ(passage_->log.backend, "backend");
}

TEST_F(PassageTest, AFixedAnswerIsGiven) {
  add_answer(rule(), Code::expectation_failed);
  EXPECT_EQ(failure(), Code::expectation_failed);
}

TEST_F(PassageTest, TheRandomNumberChoosesByWeight) {
  routing::Rule& weighted = rule();
  add_answer(weighted, Code::no_service, 3);
  add_answer(weighted, Code::no_endpoints, 4);
  for (std::uint64_t number = 0; number < 12; ++number) {
    EXPECT_EQ(failure({number, 0}), number % 4 < 3 ? Code::no_service : Code::no_endpoints) << number;
  }
}

TEST_F(PassageTest, TheMatchIsKnownToTheRulesChain) {
  const model::Rule* seen = nullptr;
  std::string prefix;
  routing::Rule& shop = rule("/shop");
  shop.chain = {filter([&](filters::Exchange& exchange, filters::Next next) {
    seen = exchange.match.rule;
    prefix = exchange.match.prefix;
    return next(exchange);
  })};
  add_answer(shop, Code::no_service);
  head().path = "/shop/cart";
  EXPECT_EQ(failure(), Code::no_service);
  EXPECT_EQ(seen, &shop.model);
  EXPECT_EQ(prefix, "/shop");
}

TEST_F(PassageTest, TheChainsAreTheListenersTheRulesAndTheDestinations) {
  std::string order;
  const auto says = [&](char what) {
    return filter([&order, what](filters::Exchange& exchange, filters::Next next) {
      order += what;
      order += exchange.match.rule == nullptr ? '-' : exchange.log.backend.empty() ? 'r' : 'b';
      return next(exchange);
    });
  };
  pool({});
  serving_.pools = {pool_};
  routing::Rule& one = rule();
  add_backend(one, 0);
  listener_.chain = {says('L')};
  one.chain = {says('R')};
  one.destinations[0].chain = {says('D')};
  EXPECT_EQ(failure(), Code::no_endpoints);
  EXPECT_EQ(order, "L-RrDb");
}

TEST_F(PassageTest, ReroutingGoesOnWithTheNextRuleThatFits) {
  routing::Rule& first = rule("/shop");
  first.chain = {filter(reroutes)};
  add_answer(rule("/other"), Code::internal);
  routing::Rule& third = rule();
  add_answer(third, Code::expectation_failed);
  head().path = "/shop/cart";
  EXPECT_EQ(failure(), Code::expectation_failed);
  EXPECT_EQ(passage_->match.rule, &third.model);
}

TEST_F(PassageTest, ReroutingFromTheLastRuleIsNoPath) {
  rule().chain = {filter(reroutes)};
  EXPECT_EQ(failure(), Code::no_path);
}

// As if the rule had not been there: neither its backend nor its match is counted or logged.
TEST_F(PassageTest, ReroutingLeavesNothingOfTheRuleBehind) {
  pool({});
  serving_.pools = {pool_};
  routing::Rule& first = rule();
  add_backend(first, 0);
  first.destinations[0].chain = {filter(reroutes)};
  EXPECT_EQ(failure(), Code::no_path);
  EXPECT_EQ(passage_->pool(), nullptr);
  EXPECT_EQ(passage_->log.backend, "");
  EXPECT_EQ(passage_->match.rule, nullptr);
}

TEST_F(PassageTest, ARuleJudgesAnEncodedSlash) {
  head().path = "/a%2Fb";
  routing::Rule& one = rule();
  add_answer(one, Code::expectation_failed);
  EXPECT_EQ(failure(), Code::bad_path);
  one.model.path_options.keep_encoded_slash = true;
  EXPECT_EQ(failure(), Code::expectation_failed);
}

TEST_F(PassageTest, ARuleGetsTheFormOfThePathThatItAsksFor) {
  head().path = "/a/b";
  head().unmerged_path = "/a//b";
  std::vector<std::string> seen;
  for (const bool merges : {false, true}) {
    routing::Rule& one = rule("/a");
    one.model.path_options.merge_slashes = merges;
    one.chain = {filter([&](filters::Exchange& exchange, filters::Next) {
      seen.emplace_back(exchange.request().path);
      return exchange.reroute();
    })};
  }
  EXPECT_EQ(failure(), Code::no_path);
  EXPECT_EQ(seen, (std::vector<std::string>{"/a//b", "/a/b"}));
}

TEST_F(PassageTest, TheUpstreamIsAsked) {
  Origin origin(loop_);
  pool({active(origin.address())});
  serving_.pools = {pool_};
  add_backend(rule(), 0);
  head().method = http::Method::get;
  head().method_text = "GET";
  head().authority = "a";
  start();
  ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  origin.peer(0).send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(run_until([&] { return result_.has_value(); }));
  ASSERT_TRUE(*result_);
  EXPECT_EQ((*result_)->head.status, 200);
  EXPECT_EQ(passage_->log.endpoint, origin.address());
}

// A worker that adopts another snapshot meanwhile does not take this one away.
TEST_F(PassageTest, HoldsWhatItServesFrom) {
  Origin origin(loop_);
  pool({active(origin.address())});
  serving_.pools = {pool_};
  const std::weak_ptr<Pool> watched = pool_;
  add_backend(rule(), 0);
  passage();
  serving_ = {};
  pool_.reset();
  EXPECT_FALSE(watched.expired());
  passage_.reset();
  EXPECT_TRUE(watched.expired());
}

// The Caller.

struct OwnCall {
  explicit OwnCall(Arena& arena) : request(arena) {
    request.head.method = http::Method::get;
    request.head.method_text = "GET";
    request.head.path = "/check";
    request.head.authority = "auth";
  }
  http::Request request;
  std::optional<Result<http::Response>> result;
  std::string body;
  std::optional<Error> error;
  net::Task<void> task;

  static net::Task<void> make(OwnCall& call, http::Caller& caller, std::string_view backend, Arena& arena,
                              http::CallLimits limits) {
    call.result.emplace(co_await caller.call(backend, call.request, arena, limits));
    while (*call.result && (*call.result)->body) {
      const Result<std::string_view> piece = co_await (*call.result)->body->read();
      if (!piece) call.error = piece.error();
      if (!piece || piece->empty()) break;
      call.body += *piece;
    }
  }
};

class CallerTest : public PassageTest {
 protected:
  CallerTest() {
    pool({active(origin_.address())});
    serving_.pools = {nullptr, pool_};
    passage();
  }
  void call(std::string_view backend, http::CallLimits limits) {
    call_.task = OwnCall::make(call_, passage_->caller, backend, arena_, limits);
    call_.task.start();
  }
  void answer(std::string_view text) {
    ASSERT_TRUE(run_until([&] { return origin_.asked(0); }));
    origin_.peer(0).send(text);
    ASSERT_TRUE(run_until([&] { return call_.task.done(); }));
  }
  ~CallerTest() override {
    call_.task.reset();
    call_.result.reset();
  }

  Origin origin_{loop_};
  OwnCall call_{arena_};
};

TEST_F(CallerTest, AsksABackendByItsId) {
  call("backend", {.deadline = net::Time::max(), .response_bytes = 100});
  answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(origin_.peer(0).text(), "GET /check HTTP/1.1\r\nHost: auth\r\n\r\n");
  EXPECT_EQ(call_.body, "ok");
  EXPECT_FALSE(passage_->log.endpoint) << "the request's own log knows nothing of it";
}

TEST_F(CallerTest, ABackendThatNobodyKnowsIsNoService) {
  call("other", {.deadline = net::Time::max(), .response_bytes = 100});
  ASSERT_TRUE(call_.task.done());
  EXPECT_EQ(call_.result->error().code, Code::no_service);
}

TEST_F(CallerTest, AnAnswerThatIsTooLongFails) {
  call("backend", {.deadline = net::Time::max(), .response_bytes = 1});
  answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(call_.error);
  EXPECT_EQ(call_.error->code, Code::upstream_malformed);
}

TEST_F(CallerTest, TheDeadlineIsATimeout) {
  call("backend", {.deadline = loop_.now() + net::Duration(20), .response_bytes = 1});
  ASSERT_TRUE(run_until([&] { return call_.task.done(); }));
  EXPECT_EQ(call_.result->error().code, Code::upstream_timeout);
}

}  // namespace
}  // namespace sallyport::proxy
