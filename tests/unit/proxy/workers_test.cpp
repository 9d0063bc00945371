// SPDX-License-Identifier: Apache-2.0
#include "proxy/workers.hpp"

#include <gtest/gtest.h>

#include <map>

#include "net/listening_sockets.hpp"
#include "routing/compiler.hpp"
#include "support/descriptors.hpp"
#include "support/loop_test.hpp"
#include "support/peer.hpp"

namespace sallyport::proxy {
namespace {

using support::Peer;

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view half = "GET / HTTP/1.1\r\n";

// Real threads; the test's loop is control's.
class WorkersTest : public support::LoopTest {
 protected:
  WorkersTest() {
    settings_.workers = 2;
    settings_.access_log = "off";
  }

  void start() {
    auto started = Workers::start(
        loop_, settings_, [this](model::Adopted report) { adopted_.push_back(report.version); },
        [this](const model::Bound& report) { bound_.push_back(report); });
    ASSERT_TRUE(started);
    workers_ = std::move(*started);
  }

  static syntax::SocketAddress any_port() { return *syntax::SocketAddress::parse("127.0.0.1:0"); }
  static std::shared_ptr<const model::Listener> listener(std::string id, const syntax::SocketAddress& at) {
    return std::make_shared<const model::Listener>(
        model::Listener{.id = std::move(id), .addresses = {at}, .port = 80, .chain = {}, .origin = {}});
  }

  // Until every worker serves it.
  void adopt(model::Delta delta) {
    delta.version = ++version_;
    workers_->adopt(compiler_.apply(delta));
    run_until([&] { return !adopted_.empty() && adopted_.back() == version_; });
  }
  // Opens one listener, and gives where.
  syntax::SocketAddress listen(std::string id, const syntax::SocketAddress& at = any_port()) {
    const std::size_t before = bound_.size();
    model::Delta delta;
    delta.listeners.changed = {listener(std::move(id), at)};
    adopt(delta);
    run_until([&] { return bound_.size() > before; });
    EXPECT_EQ(bound_.back().problem, "");
    return bound_.back().address;
  }

  std::unique_ptr<Peer> connect(const syntax::SocketAddress& to) {
    return std::make_unique<Peer>(loop_, support::connect_to(to));
  }
  // One answer more than before.
  bool is_answered(Peer& peer) {
    return run_until(
               [&] { return peer.text().find("\r\n\r\n", peer_seen_[&peer]) != std::string::npos || peer.over(); }) &&
           peer.text().size() > peer_seen_[&peer] && (peer_seen_[&peer] = peer.text().size()) != 0;
  }

  static net::Task<void> gather(WorkersTest& test, std::vector<WorkerReport>& into, bool& done) {
    into = co_await test.workers_->gathered();
    done = true;
  }
  std::vector<WorkerReport> reports() {
    std::vector<WorkerReport> all;
    bool done = false;
    auto task = gather(*this, all, done);
    task.start();
    run_until([&] { return done; });
    return all;
  }
  // For conditions that ask the workers, who answer once a turn.
  static bool comes_true(const std::function<bool()>& condition) {
    for (int rounds = 0; rounds < 100'000; ++rounds) {
      if (condition()) return true;
    }
    return false;
  }
  std::uint64_t sum(std::uint64_t WorkerReport::* member) {
    std::uint64_t all = 0;
    for (const WorkerReport& one : reports()) all += one.*member;
    return all;
  }

  Settings settings_;
  routing::Compiler compiler_;
  std::uint64_t version_ = 0;
  std::vector<std::uint64_t> adopted_;
  std::vector<model::Bound> bound_;
  std::map<Peer*, std::size_t> peer_seen_;
  std::unique_ptr<Workers> workers_;
};

TEST_F(WorkersTest, ASnapshotIsAdoptedOnceByAll) {
  settings_.workers = 3;
  start();
  adopt({});
  adopt({});
  EXPECT_EQ(adopted_, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(WorkersTest, AListenerIsServedByEveryWorker) {
  start();
  const auto at = listen("web");
  EXPECT_EQ(bound_.back().listener, "web");
  EXPECT_NE(at.port, 0);
  std::vector<std::unique_ptr<Peer>> peers;
  bool spread = false;
  for (int i = 0; i < 64 && !spread; ++i) {
    peers.push_back(connect(at));
    peers.back()->send(get);
    ASSERT_TRUE(is_answered(*peers.back()));
    EXPECT_TRUE(peers.back()->text().starts_with("HTTP/1.1 404 "));
    const auto all = reports();
    spread = all.at(0).accepted != 0 && all.at(1).accepted != 0;
  }
  EXPECT_TRUE(spread);
}

TEST_F(WorkersTest, AnAddressThatIsTakenIsAProblemOfItsListener) {
  start();
  const support::Listener taken = support::tcp_listener(1);
  model::Delta delta;
  delta.listeners.changed = {listener("web", taken.address)};
  adopt(delta);
  ASSERT_EQ(bound_.size(), 1U);
  EXPECT_EQ(bound_[0].listener, "web");
  EXPECT_EQ(bound_[0].address, taken.address);
  EXPECT_NE(bound_[0].problem, "");
}

TEST_F(WorkersTest, AnAddressThatWasTakenIsTriedAgain) {
  start();
  auto taken = std::optional(support::tcp_listener(1));
  const auto address = taken->address;
  model::Delta delta;
  delta.listeners.changed = {listener("web", address)};
  adopt(delta);
  ASSERT_NE(bound_.back().problem, "");
  taken.reset();
  EXPECT_TRUE(run_until([&] { return bound_.back().problem.empty(); }));
}

TEST_F(WorkersTest, ListenersThatAskForAnyPortGetOneEach) {
  start();
  model::Delta delta;
  delta.listeners.changed = {listener("web", any_port()), listener("other", any_port())};
  adopt(std::move(delta));
  ASSERT_TRUE(run_until([&] { return bound_.size() == 2; }));
  EXPECT_NE(bound_[0].listener, bound_[1].listener);
  EXPECT_NE(bound_[0].address, bound_[1].address);
  model::Delta less;
  less.listeners.removed = {bound_[0].listener};
  adopt(std::move(less));
  const auto peer = connect(bound_[1].address);
  peer->send(get);
  EXPECT_TRUE(is_answered(*peer));
  reports();  // every worker has closed the other's sockets
  EXPECT_TRUE(net::open_listening_sockets(bound_[0].address, 1));
}

TEST_F(WorkersTest, AListenerThatGoesIsClosedAndItsConnectionsEndAfterTheirAnswer) {
  start();
  const auto at = listen("web");
  const auto peer = connect(at);
  peer->send(get);
  ASSERT_TRUE(is_answered(*peer));
  model::Delta delta;
  delta.listeners.removed = {"web"};
  adopt(delta);
  ASSERT_TRUE(run_until([&] { return peer->saw_end(); }));
  // Closed by every worker: whoever binds there now is alone.
  reports();
  EXPECT_TRUE(net::open_listening_sockets(at, 1));
}

TEST_F(WorkersTest, AListenerThatComesBackKeepsItsConnections) {
  start();
  listen("web");
  model::Delta delta;
  delta.listeners.removed = {"web"};
  adopt(delta);
  const auto peer = connect(listen("web"));
  for (int i = 0; i < 3; ++i) {
    peer->send(get);
    ASSERT_TRUE(is_answered(*peer));
  }
  EXPECT_FALSE(peer->over());
}

TEST_F(WorkersTest, AListenerMayMoveToAnotherAddress) {
  start();
  listen("web");
  const auto peer = connect(listen("web", support::unused_address()));
  for (int i = 0; i < 2; ++i) {
    peer->send(get);
    ASSERT_TRUE(is_answered(*peer));
  }
  EXPECT_FALSE(peer->over());
}

// The old sockets have to be closed everywhere before the new ones can be bound.
TEST_F(WorkersTest, AnAddressMayGoToAnotherListener) {
  start();
  const auto at = listen("one", support::unused_address());
  model::Delta delta;
  delta.listeners.removed = {"one"};
  delta.listeners.changed = {listener("two", at)};
  adopt(delta);
  ASSERT_TRUE(run_until([&] { return bound_.size() == 2; }));
  EXPECT_EQ(bound_[1].listener, "two");
  EXPECT_EQ(bound_[1].problem, "");
  const auto peer = connect(at);
  peer->send(get);
  EXPECT_TRUE(is_answered(*peer));
}

TEST_F(WorkersTest, DrainingEndsWhenTheLastConnectionDoes) {
  start();
  const auto at = listen("web");
  const auto busy = connect(at);
  busy->send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n");  // its head is not complete
  const auto idle = connect(at);
  idle->send(get);
  ASSERT_TRUE(is_answered(*idle));
  ASSERT_TRUE(comes_true([&] { return sum(&WorkerReport::open) == 2; }));
  bool drained = false;
  workers_->drain([&] { drained = true; });
  ASSERT_TRUE(run_until([&] { return idle->saw_end(); }));
  ASSERT_TRUE(comes_true([&] { return sum(&WorkerReport::open) == 1; }));
  EXPECT_FALSE(drained);
  busy->send("\r\nx");
  ASSERT_TRUE(is_answered(*busy));
  EXPECT_TRUE(run_until([&] { return drained; }));
}

TEST_F(WorkersTest, DrainingWithoutConnectionsIsOverAtOnce) {
  start();
  listen("web");
  bool drained = false;
  workers_->drain([&] { drained = true; });
  EXPECT_TRUE(run_until([&] { return drained; }));
}

TEST_F(WorkersTest, ConnectionsBeyondTheCapWaitForOneToEnd) {
  settings_.workers = 1;
  settings_.connections = 2;
  start();
  const auto at = listen("web");
  // Idle ones would be ended to make room.
  auto first = connect(at);
  first->send(half);
  const auto second = connect(at);
  second->send(half);
  ASSERT_TRUE(comes_true([&] { return sum(&WorkerReport::open) == 2; }));
  const auto third = connect(at);
  third->send(get);
  EXPECT_EQ(sum(&WorkerReport::open), 2U);
  EXPECT_EQ(sum(&WorkerReport::accepted), 2U);
  EXPECT_EQ(third->text(), "");
  first.reset();
  EXPECT_TRUE(is_answered(*third));
}

TEST_F(WorkersTest, AListenerOpenedWhileTheCapIsReachedWaitsToo) {
  settings_.workers = 1;
  settings_.connections = 1;
  start();
  auto first = connect(listen("web"));
  first->send(half);
  ASSERT_TRUE(comes_true([&] { return sum(&WorkerReport::open) == 1; }));
  const auto second = connect(listen("other", support::unused_address()));
  second->send(get);
  EXPECT_EQ(sum(&WorkerReport::accepted), 1U);
  EXPECT_EQ(sum(&WorkerReport::accepted), 1U);
  first.reset();
  EXPECT_TRUE(is_answered(*second));
}

// Those who wait before the door are let in by its closing, which may reach the cap.
TEST_F(WorkersTest, DrainingAtTheCapTakesThoseWhoWait) {
  settings_.workers = 1;
  settings_.connections = 3;
  start();
  const auto at = listen("web");
  const auto other = listen("other", support::unused_address());
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 2; ++i) {
    peers.push_back(connect(at));
    peers.back()->send(get);
    ASSERT_TRUE(is_answered(*peers.back()));
  }
  for (int i = 0; i < 4; ++i) peers.push_back(connect(i % 2 == 0 ? at : other));
  bool drained = false;
  workers_->drain([&] { drained = true; });
  EXPECT_TRUE(run_until([&] { return drained; }));
}

TEST_F(WorkersTest, ReportsCountWhatWasServed) {
  start();
  const auto peer = connect(listen("web"));
  for (int i = 0; i < 3; ++i) {
    peer->send(get);
    ASSERT_TRUE(is_answered(*peer));
  }
  std::uint64_t not_found = 0;
  std::uint64_t no_host = 0;
  for (const WorkerReport& one : reports()) {
    not_found += one.unrouted.by_class[4];
    no_host += one.by_code[static_cast<std::size_t>(Code::no_host)];
  }
  EXPECT_EQ(not_found, 3U);
  EXPECT_EQ(no_host, 3U);
}

TEST_F(WorkersTest, WhoGathersMayGoBeforeTheAnswersCome) {
  start();
  std::vector<WorkerReport> all;
  bool done = false;
  {
    auto task = gather(*this, all, done);
    task.start();
  }
  adopt({});  // behind it in every queue
  EXPECT_FALSE(done);
}

TEST_F(WorkersTest, EveryLoopTurns) {
  start();
  adopt({});
  EXPECT_GT(workers_->oldest_turn().count(), 0);
}

TEST_F(WorkersTest, AnAccessLogThatCannotBeOpenedIsAnError) {
  settings_.access_log = testing::TempDir() + "no/such/folder/log";
  const auto started = Workers::start(loop_, settings_, [](model::Adopted) {}, [](const model::Bound&) {});
  EXPECT_FALSE(started);
}

// A request that is at an upstream, when its worker ends: everything is cancelled in order.
TEST_F(WorkersTest, EndsWithRequestsUnderWay) {
  start();
  const support::Listener origin = support::tcp_listener(16);  // accepts in the kernel, answers nothing
  model::Delta delta;
  delta.listeners.changed = {listener("web", any_port())};
  delta.endpoint_sets.changed = {std::make_shared<const model::EndpointSet>(
      model::EndpointSet{.id = "set", .endpoints = {{.address = origin.address}}, .origin = {}})};
  delta.backends.changed = {
      std::make_shared<const model::Backend>(model::Backend{.id = "backend", .endpoint_set = "set"})};
  model::Rule rule;
  rule.id = "rule";
  rule.destinations = {{.target = model::BackendRef{.backend = "backend"}}};
  delta.rules.changed = {std::make_shared<const model::Rule>(rule)};
  adopt(delta);
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 8; ++i) {
    peers.push_back(connect(bound_.back().address));
    peers.back()->send(get);
  }
  ASSERT_TRUE(comes_true([&] {
    std::uint64_t connects = 0;
    for (const WorkerReport& one : reports()) {
      for (const BackendReport& backend : one.backends) connects += backend.connects;
    }
    return connects == 8;
  }));
  workers_.reset();
  for (const auto& peer : peers) EXPECT_TRUE(run_until([&] { return peer->over(); }));
}

}  // namespace
}  // namespace sallyport::proxy
