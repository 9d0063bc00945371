// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_contexts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "routing/compiler.hpp"
#include "support/descriptors.hpp"
#include "support/memory_search.hpp"
#include "support/tls_test.hpp"

namespace sallyport::proxy {
namespace {

// What the compiler makes of certificates and names, and one worker of that.
class TlsContextsTest : public support::TlsTest {
 protected:
  // What a connection holds goes before the library that it is of.
  ~TlsContextsTest() override {
    accepted_.reset();
    chooser_.choices.clear();
  }

  void put_certificate(const std::string& id) {
    const support::Issued issued = authority_.issue({.names = "DNS:shop.test"});
    auto part = std::make_shared<model::Certificate>();
    part->id = id;
    part->chain = issued.certificate;
    part->key = std::make_shared<const SecretBytes>(std::string_view(issued.key));
    part->names = {"shop.test"};
    part->fingerprint = std::to_string(++made_);
    model::Delta delta;
    delta.certificates.changed = {part};
    apply(delta);
  }
  void put_name(const model::TlsPolicy& policy) {
    auto part = std::make_shared<model::ServerName>();
    part->id = part->host.name = "shop.test";
    part->host.kind = model::HostPattern::Kind::exact;
    part->certificates = {"a/web"};
    part->policy = policy;
    model::Delta delta;
    delta.server_names.changed = {part};
    apply(delta);
  }
  void apply(model::Delta& delta) {
    delta.version = ++version_;
    if (version_ == 1) {
      delta.listeners.changed = {std::make_shared<const model::Listener>(model::Listener{.id = "https", .tls = true})};
    }
    snapshot_ = compiler_.apply(delta).snapshot;
  }
  net::Task<void> accept(net::Fd fd) {
    std::string early;
    const net::tls::AcceptTimes times;
    accepted_ = co_await net::tls::accept(loop_, contexts_.library(), ledger_, std::move(fd), std::move(early),
                                          chooser_, times);
  }
  routing::TlsChoice choice() const {
    return snapshot_->tls_choice_for(*snapshot_->listener(std::string_view("https")), "shop.test", 0);
  }

  routing::Compiler compiler_;
  routing::SnapshotPtr snapshot_;
  std::uint64_t version_ = 0;
  int made_ = 0;
  TlsContexts contexts_{seed_, 8};
};

TEST_F(TlsContextsTest, ACertificateIsMadeOnceAndAgainWhenItIsRenewed) {
  put_certificate("a/web");
  const auto first = contexts_.credentials_for(*choice().certificate);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(contexts_.credentials_for(*choice().certificate), first);
  put_certificate("a/web");
  const auto renewed = contexts_.credentials_for(*choice().certificate);
  ASSERT_NE(renewed, nullptr);
  EXPECT_NE(renewed, first);
  EXPECT_EQ(contexts_.credentials_for(*choice().certificate), renewed);
}

TEST_F(TlsContextsTest, ACertificateThatIsNoLongerShownIsForgotten) {
  put_certificate("a/web");
  std::weak_ptr<const net::tls::Credentials> shown = contexts_.credentials_for(*choice().certificate);
  contexts_.drop_unused(*snapshot_);
  EXPECT_FALSE(shown.expired());
  model::Delta delta;
  delta.certificates.removed = {"a/web"};
  apply(delta);
  contexts_.drop_unused(*snapshot_);
  EXPECT_TRUE(shown.expired());
}

// With it goes the key, also when nobody shakes hands any more.
TEST_F(TlsContextsTest, ARenewedCertificateTakesTheOldOneWithIt) {
  put_certificate("a/web");
  std::weak_ptr<const net::tls::Credentials> shown = contexts_.credentials_for(*choice().certificate);
  put_certificate("a/web");
  contexts_.drop_unused(*snapshot_);
  EXPECT_TRUE(shown.expired());
}

TEST_F(TlsContextsTest, EqualPoliciesShareAContextAndOthersDoNot) {
  put_certificate("a/web");
  const auto open = contexts_.context_for(choice());
  ASSERT_NE(open, nullptr);
  EXPECT_EQ(contexts_.kept_id(choice().policy()), model::default_policy_id());
  put_name({});
  EXPECT_EQ(contexts_.context_for(choice()), open) << "nobody said more than the default";
  using Mode = model::ClientValidation::Mode;
  const model::ClientValidation demand{.mode = Mode::require, .bundle = authority_.pem(), .fingerprint = "1"};
  put_name({.client = demand});
  const auto closed = contexts_.context_for(choice());
  ASSERT_NE(closed, nullptr);
  EXPECT_NE(closed, open);
  EXPECT_NE(closed->id(), open->id());
  EXPECT_EQ(closed->clients(), net::tls::ClientValidation::require);
}

TEST_F(TlsContextsTest, AContextIsKeptAsLongAsAConnectionHasIt) {
  put_certificate("a/web");
  std::shared_ptr<net::tls::ServerContext> held = contexts_.context_for(choice());
  contexts_.drop_unused(*snapshot_);
  EXPECT_EQ(contexts_.context_for(choice()), held);
  const std::weak_ptr<net::tls::ServerContext> was = held;
  held.reset();
  contexts_.drop_unused(*snapshot_);
  EXPECT_TRUE(was.expired());
}

// Fails closed: what clients would be judged by cannot be read.
TEST_F(TlsContextsTest, ABrokenBundleGivesNoContext) {
  put_certificate("a/web");
  using Mode = model::ClientValidation::Mode;
  put_name({.client = {.mode = Mode::require, .bundle = "no certificate", .fingerprint = "2"}});
  EXPECT_EQ(contexts_.context_for(choice()), nullptr);
  put_name({.client = {.mode = Mode::refuse}});
  EXPECT_EQ(contexts_.context_for(choice()), nullptr);
}

TEST_F(TlsContextsTest, ABrokenKeyGivesNoCredentials) {
  put_certificate("a/web");
  model::Delta delta;
  auto part = std::make_shared<model::Certificate>(choice().certificate->model);
  part->key = std::make_shared<const SecretBytes>(std::string_view("no key"));
  delta.certificates.changed = {part};
  apply(delta);
  EXPECT_EQ(contexts_.credentials_for(*choice().certificate), nullptr);
}

// Whoever has the seed can make every key of it, so it is nobody's to keep.
TEST_F(TlsContextsTest, T4TicketKeysAreThereWhenTheSeedIsGone) {
  const auto expected = net::tls::TicketKeys(seed_).derive("policy");
  seed_.secret.clear();
  EXPECT_EQ(contexts_.library().ticket_keys().derive("policy")[0].name, expected[0].name);
}

TEST_F(TlsContextsTest, T4TicketKeysMoveOnBeforeAndAfterTheFirstHandshake) {
  const auto name_of_newest = [this](int spans) {
    net::tls::TicketKeys keys(seed_);
    keys.span_at(seed_.begin + spans * net::tls::TicketKeys::span);
    return keys.derive("policy")[0].name;
  };
  const auto at = [this](int spans) { return seed_.begin + spans * net::tls::TicketKeys::span; };
  EXPECT_EQ(contexts_.move_ticket_keys_on(at(0)), at(1));
  EXPECT_EQ(contexts_.move_ticket_keys_on(at(3)), at(4));
  EXPECT_EQ(contexts_.library().ticket_keys().derive("policy")[0].name, name_of_newest(3));
  EXPECT_EQ(contexts_.move_ticket_keys_on(at(5)), at(6));
  EXPECT_EQ(contexts_.library().ticket_keys().derive("policy")[0].name, name_of_newest(5));
}

// Under that policy nobody shakes hands any more: by themselves its keys would stay.
TEST_F(TlsContextsTest, T4OldTicketKeysOfAnIdlePolicyAreGone) {
  put_certificate("a/web");
  const auto context = contexts_.context_for(choice());
  const auto credentials = contexts_.credentials_for(*choice().certificate);
  chooser_.choices.insert_or_assign("", net::tls::Choice{.context = context, .credentials = credentials});
  support::Pair pair = support::tcp_pair();
  net::Task<void> accepting = accept(std::move(pair.one));
  accepting.start();
  client_.emplace(loop_, std::move(pair.other), support::TlsPeerSettings());
  ASSERT_TRUE(run_until([&] { return accepted_.has_value(); }));
  ASSERT_TRUE(accepted_->has_value());
  std::string wanted(32, '\0');
  {
    const net::tls::TicketKeys::Keys keys = net::tls::TicketKeys(seed_).derive(context->id());
    std::ranges::copy(keys[0].cipher.bytes, wanted.begin());
  }
  EXPECT_GT(support::times_in_memory(wanted), 1) << "the test's own, and the context's";
  contexts_.move_ticket_keys_on(seed_.begin + 3 * net::tls::TicketKeys::span);
  EXPECT_EQ(support::times_in_memory(wanted), 1) << "the test's own";
}

}  // namespace
}  // namespace sallyport::proxy
