// SPDX-License-Identifier: Apache-2.0
#include "proxy/entrance.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "net/listening_sockets.hpp"
#include "proxy/shares.hpp"
#include "proxy/worker.hpp"
#include "routing/compiler.hpp"
#include "support/descriptors.hpp"
#include "support/peer.hpp"
#include "support/pki.hpp"
#include "support/tls_peer.hpp"

namespace sallyport::proxy {
namespace {

using Mode = model::ProxyHeaders::Mode;
using support::Peer;
using support::TlsPeer;

// A worker on the test's thread with the listener "web". What is asked is OPTIONS *, which the entrance answers itself.
class EntranceTest : public testing::Test {
 protected:
  static constexpr std::string_view header = "PROXY TCP4 192.0.2.1 203.0.113.9 56324 80\r\n";

  ~EntranceTest() override {
    peers_.clear();
    if (!worker_) return;
    worker_->loop().stop();
    worker_->run();
  }

  void apply(model::Delta delta) {
    delta.version = ++version_;
    worker().adopt(compiler_.apply(delta));
  }
  void put_listener(model::ProxyHeaders headers, bool tls = false) {
    model::Delta delta;
    auto part = std::make_shared<model::Listener>(model::Listener{.id = "web", .tls = tls});
    part->proxy_headers = std::move(headers);
    delta.listeners.changed = {part};
    apply(std::move(delta));
  }
  void open() {
    auto sockets = net::open_listening_sockets(*syntax::SocketAddress::parse("127.0.0.1:0"), 1);
    at_ = sockets->bound;
    worker().listen("web", at_, std::move(sockets->by_slot.front()));
  }
  static model::ProxyHeaders from(Mode mode, std::vector<std::string_view> blocks) {
    model::ProxyHeaders headers{.mode = mode, .from = {}};
    for (const std::string_view block : blocks) headers.from.push_back(*syntax::Cidr::parse(block));
    return headers;
  }

  // Made when it is first asked for, so that a test can choose settings before.
  Worker& worker() {
    if (!worker_) {
      shares_.emplace(settings_);
      worker_.emplace(std::size_t{0}, settings_, *shares_, shared_, nullptr);
    }
    return *worker_;
  }
  bool run_until(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition() && std::chrono::steady_clock::now() < limit) {
      worker().loop().post([this] { worker().loop().stop(); });
      worker().loop().run();
    }
    EXPECT_TRUE(condition()) << "the condition was not met in 30 s";
    return condition();
  }

  static std::string options(std::string_view host) {
    return text::cat("OPTIONS * HTTP/1.1\r\nHost: ", host, "\r\n\r\n");
  }
  // What comes for these bytes, up to its head's end or the connection's: "HTTP/1.1 204 …", or nothing.
  template <class Side>
  std::string answer(Side& side, std::string_view bytes) {
    const std::size_t before = side.text().size();
    side.send(bytes);
    run_until([&] { return side.over() || side.text().find("\r\n\r\n", before) != std::string::npos; });
    return side.text().substr(before);
  }
  Peer& connect() { return *peers_.emplace_back(std::make_unique<Peer>(worker().loop(), support::connect_to(at_))); }
  std::string answer_to(std::string_view bytes) { return answer(connect(), bytes); }
  std::uint64_t losses(ProxyLoss why) { return worker().report().proxy_losses[static_cast<std::size_t>(why)]; }

  static bool is_served(std::string_view answer) { return answer.starts_with("HTTP/1.1 204 "); }

  Settings settings_;
  filters::SharedStates shared_;
  routing::Compiler compiler_;
  std::optional<Shares> shares_;
  std::optional<Worker> worker_;
  std::uint64_t version_ = 0;
  syntax::SocketAddress at_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

TEST_F(EntranceTest, WhereNoHeaderIsAskedForItIsNoRequest) {
  put_listener({});
  open();
  EXPECT_TRUE(is_served(answer_to(options("a"))));
  EXPECT_EQ(answer_to(text::cat(header, options("a"))), "") << "a first line of no version of HTTP";
}

TEST_F(EntranceTest, WhoIsListedBeginsWithAHeader) {
  for (const Mode mode : {Mode::trusted, Mode::strict}) {
    put_listener(from(mode, {"192.0.2.0/24", "127.0.0.0/8"}));
    if (version_ == 1) open();
    const std::uint64_t before = losses(ProxyLoss::malformed);
    EXPECT_TRUE(is_served(answer_to(text::cat(header, options("a")))));
    EXPECT_EQ(answer_to(options("a")), "") << "closed without a word";
    EXPECT_EQ(losses(ProxyLoss::malformed), before + 1);
  }
}

TEST_F(EntranceTest, WhoIsNotListedSpeaksForItselfOrIsTurnedAway) {
  put_listener(from(Mode::trusted, {"192.0.2.0/24"}));
  open();
  EXPECT_TRUE(is_served(answer_to(options("a"))));
  EXPECT_EQ(answer_to(text::cat(header, options("a"))), "") << "its word is not taken";
  const std::uint64_t accepted = worker().report().accepted;
  put_listener(from(Mode::strict, {"192.0.2.0/24"}));
  EXPECT_EQ(answer_to(text::cat(header, options("a"))), "");
  EXPECT_EQ(answer_to(options("a")), "");
  EXPECT_EQ(losses(ProxyLoss::stranger), 2U);
  EXPECT_EQ(worker().report().accepted, accepted) << "nobody was let in";
}

TEST_F(EntranceTest, StrictWithoutAListIsForEverybody) {
  put_listener(from(Mode::strict, {}));
  open();
  EXPECT_TRUE(is_served(answer_to(text::cat(header, options("a")))));
  EXPECT_EQ(answer_to(options("a")), "");
  EXPECT_EQ(losses(ProxyLoss::malformed), 1U);
}

// The balancer's own address is let go of: it has room for the next, whoever that is for.
TEST_F(EntranceTest, AConnectionCountsForWhomItsHeaderNames) {
  settings_.source_connections = 1;
  put_listener(from(Mode::trusted, {"127.0.0.1/32"}));
  open();
  EXPECT_TRUE(is_served(answer_to(text::cat(header, options("a")))));
  EXPECT_EQ(answer_to(text::cat(header, options("a"))), "") << "the second one of 192.0.2.1";
  EXPECT_EQ(losses(ProxyLoss::overloaded), 1U);
  EXPECT_TRUE(is_served(answer_to(text::cat("PROXY TCP4 192.0.2.2 203.0.113.9 56324 80\r\n", options("a")))));
  peers_.clear();
  run_until([&] { return worker().connections() == 0; });
  EXPECT_TRUE(is_served(answer_to(text::cat(header, options("a"))))) << "the first one of it is gone";
}

// Its socket may be open for a moment longer.
TEST_F(EntranceTest, OfAListenerThatIsGoneNothingIsServed) {
  put_listener(from(Mode::strict, {"192.0.2.0/24"}));
  open();
  model::Delta delta;
  delta.listeners.removed = {"web"};
  apply(std::move(delta));
  const std::string refused = answer_to(options("a"));
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 404 ")) << refused;
  EXPECT_EQ(losses(ProxyLoss::stranger), 0U) << "nobody is asked for a header";
  put_listener({});
  EXPECT_TRUE(is_served(answer_to(options("a")))) << "and it comes back under the same name";
}

TEST_F(EntranceTest, OnAConnectionOfAListenerThatGoesNothingMoreIsServed) {
  put_listener({});
  open();
  Peer& client = connect();
  EXPECT_TRUE(is_served(answer(client, options("a"))));
  model::Delta delta;
  delta.listeners.removed = {"web"};
  apply(std::move(delta));
  EXPECT_TRUE(answer(client, options("a")).starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(answer(client, options("a")).starts_with("HTTP/1.1 404 ")) << "and it stays open";
}

// open.test asks nobody for a certificate, closed.test does.
class TlsEntranceTest : public EntranceTest {
 protected:
  TlsEntranceTest() {
    put_listener({}, true);
    auto certificate = std::make_shared<model::Certificate>();
    const support::Issued issued = authority_.issue({.names = "DNS:open.test,DNS:also.test,DNS:closed.test"});
    certificate->id = "a/web";
    certificate->chain = issued.certificate;
    certificate->key = std::make_shared<const SecretBytes>(std::string_view(issued.key));
    certificate->names = {"also.test", "closed.test", "open.test"};
    model::Delta delta;
    delta.certificates.changed = {certificate};
    apply(std::move(delta));
    put_name("open.test", {});
    put_name("also.test", {});
    put_name("closed.test", demanding());
    open();
  }
  ~TlsEntranceTest() override { client_.reset(); }

  void put_name(const std::string& host, const model::TlsPolicy& policy) {
    auto part = std::make_shared<model::ServerName>();
    part->id = part->host.name = host;
    part->host.kind = model::HostPattern::Kind::exact;
    part->certificates = {"a/web"};
    part->policy = policy;
    model::Delta delta;
    delta.server_names.changed = {part};
    apply(std::move(delta));
  }
  model::TlsPolicy demanding() const {
    return {.client = {.mode = model::ClientValidation::Mode::require, .bundle = authority_.pem(), .fingerprint = "1"}};
  }
  void shake_hands(const std::string& name, const support::Issued& own = {}) {
    client_.emplace(worker().loop(), support::connect_to(at_),
                    support::TlsPeerSettings{.server_name = name, .certificate = own.certificate, .key = own.key});
    run_until([&] { return client_->established() || client_->over(); });
  }
  std::uint64_t counted(Code code) { return worker().report().by_code[static_cast<std::size_t>(code)]; }

  support::Authority authority_{"test"};
  std::optional<TlsPeer> client_;
};

TEST_F(TlsEntranceTest, HostsOfOnePolicyShareAConnection) {
  shake_hands("open.test");
  EXPECT_TRUE(is_served(answer(*client_, options("open.test"))));
  EXPECT_TRUE(is_served(answer(*client_, options("also.test"))));
}

TEST_F(TlsEntranceTest, T2AHostOfAnotherPolicyIsMisdirectedAndTheConnectionStays) {
  shake_hands("open.test");
  const std::string refused = answer(*client_, options("closed.test"));
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 421 ")) << refused;
  EXPECT_EQ(counted(Code::misdirected), 1U);
  EXPECT_TRUE(is_served(answer(*client_, options("open.test"))));
  EXPECT_EQ(counted(Code::outdated_connection), 0U);
}

// Not even its own host is served, or who was let in before would stay in.
TEST_F(TlsEntranceTest, T2AConnectionWhosePolicyHasChangedIsOutdatedAndEnds) {
  shake_hands("open.test");
  EXPECT_TRUE(is_served(answer(*client_, options("open.test"))));
  put_name("open.test", demanding());
  const std::string refused = answer(*client_, options("open.test"));
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 421 ")) << refused;
  EXPECT_EQ(counted(Code::outdated_connection), 1U);
  EXPECT_TRUE(run_until([&] { return client_->over(); }));
  EXPECT_EQ(counted(Code::misdirected), 0U);
}

TEST_F(TlsEntranceTest, OfAListenerThatIsGoneNoHandshakeIsDone) {
  model::Delta delta;
  delta.listeners.removed = {"web"};
  apply(std::move(delta));
  shake_hands("open.test");
  EXPECT_FALSE(client_->established());
  EXPECT_EQ(worker().report().refusals[static_cast<std::size_t>(net::tls::Reason::unknown_name)], 1U);
}

}  // namespace
}  // namespace sallyport::proxy
