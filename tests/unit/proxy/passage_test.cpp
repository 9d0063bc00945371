// SPDX-License-Identifier: Apache-2.0
#include "proxy/passage.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "base/text.hpp"
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
  }

  http::RequestHead& head() { return incoming_.request.head; }

  // A rule of any host, compiled, for the test to give it what no model can say; those added first rank first.
  routing::Rule& rule(std::string_view path = "", const syntax::PathOptions& options = {},
                      std::vector<model::Destination> destinations = {}) {
    auto of = std::make_shared<model::Rule>();
    of->id = text::cat("rule ", rules_.size());
    of->path = {.kind = model::PathMatch::Kind::element_prefix, .value = std::string(path)};
    of->path_options = options;
    of->destinations = std::move(destinations);
    of->rank.index = static_cast<std::uint32_t>(rules_.size());
    of->origin = {.object = {"", "Thing", "shop", "web"}, .file = "web.yaml", .line = 7, .field = "spec"};
    rules_.push_back(routing::make_counted<routing::Rule>(std::move(of)));
    return *rules_.back();
  }
  static void add_answer(routing::Rule& to, Code code, std::uint64_t up_to = 1) {
    to.destinations.push_back({.backend = {}, .answer = code, .weight_up_to = up_to, .chain = {}});
  }
  static void add_backend(routing::Rule& to, routing::Slot at, std::uint64_t up_to = 1) {
    to.destinations.push_back({.backend = at, .answer = Code::internal, .weight_up_to = up_to, .chain = {}});
  }
  static std::shared_ptr<const filters::Filter> filter(Scripted::Script script) {
    return std::make_shared<Scripted>(std::move(script));
  }

  // The backend "backend" with these endpoints, in slot 0.
  void serve(std::vector<model::Endpoint> endpoints) {
    pool(endpoints);
    auto part = std::make_shared<const model::Backend>(model::Backend{.id = "backend", .endpoint_set = "set"});
    auto set = std::make_shared<const model::EndpointSet>(model::EndpointSet{"set", std::move(endpoints), {}});
    backend_ = routing::make_counted<routing::Backend>(std::move(part), std::move(set), slot("backend"));
  }

  routing::SlotRef slot(std::string_view id) { return slots_->hold(id); }

  Passage& passage(std::array<std::uint64_t, 2> number = {}) {
    auto snapshot = std::make_shared<routing::Snapshot>();
    auto table = routing::make_counted<routing::Table>(slot("table"));
    for (const auto& one : rules_) table->add(routing::RuleRef(one));
    auto listener = routing::make_counted<routing::Listener>(
        std::make_shared<const model::Listener>(model::Listener{.id = "web", .port = 80}), slot("web"));
    listener->chain = listener_chain_;
    listener->tables = {table->hold};
    const routing::Listener& at = *listener;
    snapshot->tables.set(table->hold->slot(), std::move(table));
    snapshot->listeners.set(listener->slot(), std::move(listener));
    if (backend_ != nullptr) snapshot->backends.set(backend_->slot(), backend_);
    pools_.adopt({.snapshot = snapshot, .freed = {}, .backends = {0}});
    snapshot_ = snapshot;
    return passage_.emplace(incoming_, Passage::Snapshot(std::move(snapshot)), at, means_, number);
  }

  static net::Task<void> run_it(PassageTest& test) {
    Result<http::Response> response = co_await test.passage_->run();
    test.passage_->answering(response);
    test.result_.emplace(std::move(response));
  }
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
  void ask(Origin& origin) {
    head().method = http::Method::get;
    head().method_text = "GET";
    head().authority = "a";
    start();
    ASSERT_TRUE(run_until([&] { return origin.asked(0); }));
  }

  Arena arena_;
  Interims interims_;
  http::ConnectionFacts connection_ = http::ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1234"));
  http::Incoming incoming_{arena_, loop_, connection_, interims_};
  filters::SharedStates shared_;
  filters::WorkerStates states_{shared_};
  Settings proxy_settings_;
  Pools pools_{[this](const routing::Backend&) { return pool_; }};
  TunnelCounters tunnels_;
  Passage::Means means_{proxy_settings_, pools_, states_, tunnels_};
  std::shared_ptr<routing::SlotPool> slots_ = std::make_shared<routing::SlotPool>();
  filters::Chain listener_chain_;
  std::vector<routing::Ref<routing::Rule>> rules_;
  routing::Ref<routing::Backend> backend_;
  std::weak_ptr<const routing::Snapshot> snapshot_;
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
  serve({});
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
  serve({});
  routing::Rule& one = rule();
  add_backend(one, 0);
  listener_chain_ = {says('L')};
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
  serve({});
  routing::Rule& first = rule();
  add_backend(first, 0);
  first.destinations[0].chain = {filter(reroutes)};
  EXPECT_EQ(failure(), Code::no_path);
  EXPECT_EQ(passage_->pool(), nullptr);
  EXPECT_EQ(passage_->log.backend, "");
  EXPECT_EQ(passage_->match.rule, nullptr);
}

TEST_F(PassageTest, ReroutingTakesBackWhatTheRuleMadeOfTheUrl) {
  routing::Rule& first = rule();
  first.chain = {filter([](filters::Exchange& exchange, filters::Next) {
    exchange.log.path = exchange.request().path;
    exchange.request().path = "/rewritten";
    exchange.request().authority = "rewritten.example.com";
    return exchange.reroute();
  })};
  add_answer(rule(), Code::expectation_failed);
  head().path = "/shop";
  head().authority = "shop.example.com";
  EXPECT_EQ(failure(), Code::expectation_failed);
  EXPECT_EQ(head().path, "/shop");
  EXPECT_EQ(head().authority, "shop.example.com");
  EXPECT_EQ(passage_->log.path, "");
}

TEST_F(PassageTest, ARuleJudgesAnEncodedSlash) {
  head().path = "/a%2Fb";
  add_answer(rule("/a%2Fb"), Code::no_service);
  EXPECT_EQ(failure(), Code::bad_path);
  rules_.clear();
  add_answer(rule("", {.keep_encoded_slash = true}), Code::expectation_failed);
  EXPECT_EQ(failure(), Code::expectation_failed);
}

TEST_F(PassageTest, ARuleGetsTheFormOfThePathThatItAsksFor) {
  head().path = "/a/b";
  head().unmerged_path = "/a//b";
  std::vector<std::string> seen;
  for (const bool merges : {false, true}) {
    routing::Rule& one = rule("/a", {.merge_slashes = merges});
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
  serve({active(origin.address())});
  add_backend(rule(), 0);
  ask(origin);
  origin.peer(0).send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ASSERT_TRUE(run_until([&] { return result_.has_value(); }));
  ASSERT_TRUE(*result_);
  EXPECT_EQ((*result_)->head.status, 200);
  EXPECT_EQ(passage_->log.endpoint, origin.address());
}

// G-1: the client's own patience shortens the gateway's, and never makes it longer.
TEST_F(PassageTest, ATimeoutOfGrpcIsTheDeadline) {
  struct Case {
    std::string_view type;
    std::string_view timeout;
    std::optional<net::Duration> shortened;
  };
  add_answer(rule(), Code::no_service);
  for (const Case& one :
       {Case{"application/grpc", "100m", net::Duration(100)},
        Case{"application/grpc-web+proto", "2S", net::Duration(2000)},
        Case{"application/grpc", "99999999H", std::nullopt}, Case{"application/grpc", "100000000m", std::nullopt},
        Case{"application/json", "100m", std::nullopt}}) {
    head().method = http::Method::post;
    head().fields.clear();
    ASSERT_TRUE(head().fields.add("content-type", one.type) && head().fields.add("grpc-timeout", one.timeout));
    const net::Time before = incoming_.received + net::Duration(3'600'000);
    passage().deadline = before;
    task_ = run_it(*this);
    task_.start();
    EXPECT_EQ(passage_->deadline, one.shortened ? incoming_.received + *one.shortened : before) << one.timeout;
  }
}

// A worker that adopts another snapshot meanwhile does not take this one away.
TEST_F(PassageTest, HoldsTheSnapshotThatItBeganWith) {
  passage();
  EXPECT_FALSE(snapshot_.expired());
  passage_.reset();
  EXPECT_TRUE(snapshot_.expired());
}

class TunnelPassageTest : public PassageTest {
 protected:
  // A tunnel through the only rule.
  void open(Origin& origin) {
    serve({active(origin.address())});
    add_backend(rule(), 0);
    head().upgrade = "websocket";
    ASSERT_TRUE(head().fields.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="));
    ask(origin);
    origin.peer(0).send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    ASSERT_TRUE(run_until([&] { return result_.has_value(); }));
    ASSERT_TRUE(*result_ && (*result_)->tunnel);
  }
};

TEST_F(TunnelPassageTest, ATunnelLetsGoOfTheSnapshotAfterAWhile) {
  proxy_settings_.snapshot_hold = net::Duration(1);
  Origin origin(loop_);
  open(origin);
  rules_.clear();
  backend_ = nullptr;
  ASSERT_TRUE(run_until([&] { return snapshot_.expired(); }));
  pools_.forget({0});
  pool_.reset();
  ASSERT_NE(passage_->match.rule, nullptr);
  EXPECT_EQ(passage_->match.rule->id, "rule 0");
  EXPECT_EQ(passage_->listener.id, "web");
  ASSERT_NE(passage_->pool(), nullptr);
  EXPECT_EQ(passage_->log.backend, "backend");
  EXPECT_EQ(passage_->log.endpoint, origin.address());
}

TEST_F(TunnelPassageTest, ATunnelKeepsTheTextsOfFiltersThatAreGone) {
  proxy_settings_.snapshot_hold = net::Duration(1);
  auto text = std::make_unique<std::string>("set by a filter");
  listener_chain_ = {filter([&](filters::Exchange& exchange, filters::Next next) {
    EXPECT_TRUE(exchange.request().fields.set(syntax::HeaderId::user_agent, *text));
    return next(exchange);
  })};
  Origin origin(loop_);
  open(origin);
  ASSERT_TRUE(run_until([&] { return snapshot_.expired(); }));
  text.reset();
  EXPECT_EQ(head().fields.value(syntax::HeaderId::user_agent), "set by a filter");
}

TEST_F(TunnelPassageTest, ATunnelIsCountedAndItsBytesWhenItEnds) {
  Origin origin(loop_);
  open(origin);
  EXPECT_EQ(tunnels_.begun, 1U);
  EXPECT_EQ(tunnels_.open, 1U);
  passage_->ended({.status = 101, .received = 5, .sent = 7});
  EXPECT_EQ(tunnels_.open, 0U);
  EXPECT_EQ(tunnels_.from_clients, 5U);
  EXPECT_EQ(tunnels_.to_clients, 7U);
}

TEST_F(TunnelPassageTest, ATunnelThatIsOverBeforeDoesNothing) {
  proxy_settings_.snapshot_hold = net::Duration(2);
  Origin origin(loop_);
  open(origin);
  EXPECT_FALSE(snapshot_.expired());
  result_.reset();
  passage_.reset();
  EXPECT_TRUE(snapshot_.expired());
  const net::Time due = loop_.now() + net::Duration(4);
  EXPECT_TRUE(run_until([&] { return loop_.now() > due; }));
}

TEST_F(PassageTest, WhoMayAskIsToldWhy) {
  proxy_settings_.explain_from = {*syntax::Cidr::parse("192.0.2.0/24")};
  Origin origin(loop_);
  serve({active(origin.address())});
  add_backend(rule("/shop", {}, {{.target = model::BackendRef{"backend"}}}), 0);
  add_answer(rule(), Code::no_service);
  head().path = "/shop/cart";
  ask(origin);
  origin.peer(0).send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return result_.has_value(); }));
  EXPECT_EQ(
      incoming_.explanation,
      text::cat(
          R"(listener="web", version=0, rule="Thing shop/web * prefix /shop", at="web.yaml:7:spec", prefix="/shop", )",
          R"(backend="backend", endpoint=")", origin.address().text(),
          R"(", beat="Thing shop/web * prefix / (web.yaml:7): the first place in its object")"));
}

TEST_F(PassageTest, AnExplanationFollowsTheRequestToAnotherRule) {
  proxy_settings_.explain_from = {*syntax::Cidr::parse("192.0.2.0/24")};
  serve({});
  add_backend(rule("/shop", {}, {{.target = model::BackendRef{"backend"}}}), 0);
  rules_.back()->destinations[0].chain = {filter(reroutes)};
  add_answer(rule(), Code::expectation_failed);
  head().path = "/shop/cart";
  EXPECT_EQ(failure(), Code::expectation_failed);
  EXPECT_EQ(
      incoming_.explanation,
      R"(listener="web", version=0, rule="Thing shop/web * prefix /", at="web.yaml:7:spec", prefix="", rerouted)");
}

TEST_F(PassageTest, AnAnswerOfAFilterNamesNoBackend) {
  proxy_settings_.explain_from = {*syntax::Cidr::parse("192.0.2.0/24")};
  serve({});
  routing::Rule& one = rule("/shop", {}, {{.target = model::BackendRef{"backend"}}});
  add_backend(one, 0);
  one.chain = {filter([](filters::Exchange&, filters::Next) -> Answer { co_return fail(Code::overloaded); })};
  head().path = "/shop";
  EXPECT_EQ(failure(), Code::overloaded);
  EXPECT_EQ(incoming_.explanation.find("backend="), std::string_view::npos) << incoming_.explanation;
}

TEST_F(PassageTest, ReroutingBeforeARuleWasChosenChoosesOne) {
  listener_chain_ = {filter(reroutes)};
  add_answer(rule(), Code::expectation_failed);
  EXPECT_EQ(failure(), Code::expectation_failed);
}

TEST_F(PassageTest, ARefusalIsExplainedToo) {
  proxy_settings_.explain_from = {*syntax::Cidr::parse("192.0.2.1/32")};
  EXPECT_EQ(failure(), Code::no_host);
  EXPECT_EQ(incoming_.explanation, R"(listener="web", version=0, answer="no_host")");
}

TEST_F(PassageTest, OthersAreToldNothing) {
  proxy_settings_.explain_from = {*syntax::Cidr::parse("192.0.2.2/32")};
  EXPECT_EQ(failure(), Code::no_host);
  EXPECT_EQ(incoming_.explanation, "");
}

// The client is who the trusted proxies say it is, which the listener's chain finds out.
TEST_F(PassageTest, WhoMayAskIsJudgedBehindTheListenersChain) {
  proxy_settings_.explain_from = {*syntax::Cidr::parse("192.0.2.1/32")};
  listener_chain_ = {filter([](filters::Exchange& exchange, filters::Next next) {
    exchange.client = *syntax::IpAddress::parse("203.0.113.9");
    return next(exchange);
  })};
  EXPECT_EQ(failure(), Code::no_host);
  EXPECT_EQ(incoming_.explanation, "");
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
    serve({active(origin_.address())});
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

TEST_F(CallerTest, ABackendMayGoWhileItIsAsked) {
  call("backend", {.deadline = net::Time::max(), .response_bytes = 100});
  pools_.forget({0});
  pool_.reset();
  answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(call_.body, "ok");
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
