// SPDX-License-Identifier: Apache-2.0
// Which certificate and which policy a TLS client meets (reference: reliability-security.md T-2, T-3), and what a
// change among thousands of names costs.

#include "routing/server_names.hpp"

#include <gtest/gtest.h>

#include <random>

#include "base/text.hpp"
#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

using Mode = model::ClientValidation::Mode;

std::shared_ptr<const model::Certificate> certificate(std::string id, std::vector<std::string> names,
                                                      std::int64_t not_after = 1'000, std::int64_t not_before = 0) {
  auto made = std::make_shared<model::Certificate>();
  made->id = std::move(id);
  made->names = std::move(names);
  made->not_after = not_after;
  made->not_before = not_before;
  return made;
}

std::shared_ptr<const model::ServerName> name(std::string_view host, std::vector<std::string> certificates,
                                              Mode mode = Mode::off, std::vector<std::string> listeners = {}) {
  auto made = std::make_shared<model::ServerName>();
  made->id = text::cat(host, " ", text::join(listeners, ","));
  made->host = host_pattern(host);
  made->certificates = std::move(certificates);
  made->policy.client.mode = mode;
  made->policy.client.fingerprint = mode == Mode::require ? "aa" : "";
  made->listeners = std::move(listeners);
  return made;
}

// A compiler with the listeners "l", which has the default certificate "default", and "bare", which has none.
class Names : public testing::Test {
 protected:
  Names() {
    model::Delta delta;
    delta.listeners.changed = {listener("l", "default"), listener("bare", "")};
    apply(std::move(delta));
  }

  static std::shared_ptr<const model::Listener> listener(std::string id, std::string default_certificate) {
    auto made = std::make_shared<model::Listener>();
    made->id = std::move(id);
    made->tls = true;
    made->default_certificate = std::move(default_certificate);
    return made;
  }

  void apply(model::Delta delta) {
    delta.version = ++version_;
    snapshot_ = compiler_.apply(delta).snapshot;
  }
  void put(std::vector<std::shared_ptr<const model::ServerName>> names,
           std::vector<std::shared_ptr<const model::Certificate>> certificates = {}) {
    model::Delta delta;
    delta.server_names.changed = std::move(names);
    delta.certificates.changed = std::move(certificates);
    apply(std::move(delta));
  }
  void remove(std::vector<std::string> names, std::vector<std::string> certificates = {}) {
    model::Delta delta;
    delta.server_names.removed = std::move(names);
    delta.certificates.removed = std::move(certificates);
    apply(std::move(delta));
  }

  TlsChoice choice(std::string_view asked, std::string_view at = "l") const {
    return snapshot_->tls_choice_for(*snapshot_->listener(at), asked, now_);
  }
  // The certificate's id; "-" for no handshake.
  std::string shown(std::string_view asked, std::string_view at = "l") const {
    const TlsChoice chosen = choice(asked, at);
    return chosen.certificate == nullptr ? "-" : chosen.certificate->model.id;
  }
  std::string policy(std::string_view host, std::string_view at = "l") const {
    return snapshot_->tls_policy_for(*snapshot_->listener(at), host);
  }

  Compiler compiler_;
  SnapshotPtr snapshot_;
  std::int64_t now_ = 50;

 private:
  std::uint64_t version_ = 0;
};

TEST_F(Names, TheExactOneComesBeforeTheWildcardsAndTheNearestOfThoseFirst) {
  put({name("a.b.test", {"exact"}), name("*.b.test", {"one"}), name("**.test", {"any"}), name("**.b.test", {"near"})},
      {certificate("exact", {}), certificate("one", {}), certificate("any", {}), certificate("near", {})});
  EXPECT_EQ(shown("a.b.test"), "exact");
  EXPECT_EQ(shown("c.b.test"), "one");
  EXPECT_EQ(shown("c.c.b.test"), "near");
  EXPECT_EQ(shown("b.test"), "any");
  EXPECT_EQ(shown("test"), "-") << "a wildcard is not for the name behind it";
  EXPECT_EQ(shown("xb.test"), "any");
}

TEST_F(Names, ThenAnyCertificateThatHasTheNameAndThenTheDefault) {
  put({name("a.test", {"a"})}, {certificate("a", {"a.test", "*.shared.test"}), certificate("b", {"b.test"}),
                                certificate("default", {"x.test"})});
  EXPECT_EQ(shown("a.test"), "a");
  EXPECT_EQ(shown("b.test"), "b");
  EXPECT_EQ(shown("one.shared.test"), "a");
  EXPECT_EQ(shown("two.one.shared.test"), "default");
  EXPECT_EQ(shown("nobody.test"), "default");
  EXPECT_EQ(shown(""), "default") << "no name at all";
  EXPECT_EQ(shown("nobody.test", "bare"), "-");
  EXPECT_EQ(shown("", "bare"), "-");
  EXPECT_EQ(shown("b.test", "bare"), "b");
}

TEST_F(Names, ACertificateThatIsNotThereIsReplacedByAnotherForTheNameAndHeals) {
  put({name("a.test", {"a"})}, {certificate("default", {})});
  EXPECT_EQ(shown("a.test"), "default");
  EXPECT_EQ(shown("a.test", "bare"), "-");
  put({}, {certificate("b", {"a.test"})});
  EXPECT_EQ(shown("a.test"), "b");
  put({}, {certificate("a", {})});
  EXPECT_EQ(shown("a.test"), "a");
  remove({}, {"a", "b"});
  EXPECT_EQ(shown("a.test"), "default");
}

TEST_F(Names, OfCertificatesWithTheSameNameTheOneThatLastsLongestIsShown) {
  put({}, {certificate("old", {"a.test"}, 100), certificate("new", {"a.test"}, 200)});
  EXPECT_EQ(shown("a.test"), "new");
  put({}, {certificate("old", {"a.test"}, 300)});
  EXPECT_EQ(shown("a.test"), "old") << "it was renewed";
  remove({}, {"old"});
  EXPECT_EQ(shown("a.test"), "new");
}

TEST_F(Names, ACertificateThatIsValidComesBeforeOneThatIsNotYetOrNoMore) {
  put({}, {certificate("past", {"a.test"}, 40), certificate("today", {"a.test"}, 60),
           certificate("coming", {"a.test"}, 900, 70)});
  EXPECT_EQ(shown("a.test"), "today");
  now_ = 60;
  EXPECT_EQ(shown("a.test"), "today") << "in its last second";
  now_ = 65;
  EXPECT_EQ(shown("a.test"), "coming") << "none is valid: the one that lasts longest";
  now_ = 70;
  EXPECT_EQ(shown("a.test"), "coming");
}

TEST_F(Names, AValidWildcardComesBeforeACertificateForTheNameThatIsNot) {
  put({}, {certificate("past", {"a.test"}, 40), certificate("wild", {"*.test"}, 60)});
  EXPECT_EQ(shown("a.test"), "wild");
  now_ = 30;
  EXPECT_EQ(shown("a.test"), "past");
  now_ = 70;
  EXPECT_EQ(shown("a.test"), "past") << "neither is";
}

TEST_F(Names, ARenewedCertificateKeepsItsSlotAndIsAnotherPart) {
  put({name("a.test", {"a"})}, {certificate("a", {"a.test"}, 100)});
  const auto before = snapshot_;
  put({}, {certificate("a", {"a.test"}, 200)});
  const auto* const old = before->tls_choice_for(*before->listener("l"), "a.test", now_).certificate;
  const auto* const renewed = choice("a.test").certificate;
  EXPECT_EQ(old->slot(), renewed->slot());
  EXPECT_NE(old->part, renewed->part);
  EXPECT_EQ(old->model.not_after, 100) << "a snapshot never changes";
}

TEST_F(Names, WithoutANameOrWithAnUnknownOneNobodyGetsTheDefaultWhereClientCertificatesAreWanted) {  // T-3
  put({name("open.test", {"c"}), name("closed.test", {"c"}, Mode::require)},
      {certificate("c", {"spoken.test"}), certificate("default", {})});
  EXPECT_EQ(shown(""), "-");
  EXPECT_EQ(shown("nobody.test"), "-");
  EXPECT_EQ(shown("open.test"), "c");
  EXPECT_EQ(shown("closed.test"), "c");
  EXPECT_EQ(shown("spoken.test"), "c") << "somebody has a certificate for it";
  put({name("closed.test", {"c"}, Mode::optional)});
  EXPECT_EQ(shown("nobody.test"), "default") << "nobody has to show one any more";
  put({name("closed.test", {"c"}, Mode::refuse)});
  EXPECT_EQ(shown("nobody.test"), "-");
  remove({"closed.test "});
  EXPECT_EQ(shown("nobody.test"), "default");
}

TEST_F(Names, AWantedCertificateOfTheGatewayThatIsMissingDoesNotOpenTheName) {
  put({name("closed.test", {"gone"}, Mode::require)}, {certificate("default", {})});
  EXPECT_EQ(shown("closed.test"), "default");
  EXPECT_EQ(choice("closed.test").policy(), "tls12-tls13 require sha256:aa");
}

TEST_F(Names, WhatClientsWouldBeJudgedByIsMissingSoNobodyIsLetIn) {
  put({name("a.test", {"a"}, Mode::refuse)}, {certificate("a", {"a.test"}), certificate("default", {})});
  EXPECT_EQ(shown("a.test"), "-");
  EXPECT_NE(policy("a.test"), model::default_policy_id());
}

TEST_F(Names, APolicyIsOfTheHostAndHostsWithoutOneHaveTheDefault) {  // T-2
  put({name("a.test", {}), name("b.test", {}, Mode::require), name("*.b.test", {}, Mode::optional)});
  EXPECT_EQ(policy("a.test"), model::default_policy_id());
  EXPECT_EQ(policy("nobody.test"), model::default_policy_id());
  EXPECT_EQ(policy(""), model::default_policy_id());
  EXPECT_EQ(policy("b.test"), "tls12-tls13 require sha256:aa");
  EXPECT_EQ(policy("x.b.test"), "tls12-tls13 optional sha256:");
}

TEST_F(Names, AListenersOwnNamesComeBeforeThoseOfAllAtTheSameWidth) {
  put({name("a.test", {"all"}), name("a.test", {"own"}, Mode::off, {"l"}), name("*.test", {"own"}, Mode::off, {"l"}),
       name("c.test", {"all"})},
      {certificate("all", {}), certificate("own", {})});
  EXPECT_EQ(shown("a.test"), "own");
  EXPECT_EQ(shown("a.test", "bare"), "all");
  EXPECT_EQ(shown("c.test"), "all") << "the narrower one";
  EXPECT_EQ(shown("b.test"), "own");
  EXPECT_EQ(shown("b.test", "bare"), "-");
  remove({"a.test l", "*.test l"});
  EXPECT_EQ(shown("a.test"), "all");
  EXPECT_EQ(shown("b.test"), "-");
}

// Nodes that one change makes when there are `count` names.
std::uint64_t cost_at(std::size_t count) {
  Compiler compiler;
  model::Delta delta;
  for (std::size_t number = 0; number < count; ++number) {
    const std::string host = text::cat("host", number, ".test");
    delta.certificates.changed.push_back(certificate(text::cat("c", number), {host}));
    delta.server_names.changed.push_back(name(host, {text::cat("c", number)}));
  }
  SnapshotPtr served = compiler.apply(delta).snapshot;
  std::uint64_t most = 0;
  for (std::size_t number = 0; number < 10; ++number) {
    model::Delta change;
    change.version = number + 1;
    const std::string host = text::cat("host", number, ".test");
    change.certificates.changed.push_back(certificate(text::cat("c", number), {host}, 2'000));
    change.server_names.changed.push_back(name(host, {text::cat("c", number)}, Mode::optional));
    const std::uint64_t before = node_counts().made;
    served = compiler.apply(change).snapshot;
    most = std::max(most, node_counts().made - before);
  }
  return most;
}

TEST_F(Names, AChangeAmongThousandsCostsOneChange) {
  const std::uint64_t few = cost_at(100);
  const std::uint64_t many = cost_at(10'000);
  EXPECT_LE(many, few + 8) << "few: " << few;
}

TEST_F(Names, HistoryLeavesNothing) {
  const auto before = node_counts().alive;
  std::mt19937 random(7);
  const auto below = [&](std::uint32_t limit) { return static_cast<int>(random() % limit); };
  for (int step = 0; step < 2'000; ++step) {
    const std::string host = text::cat(below(4) == 0 ? "*." : "", "h", below(50), ".test");
    const std::string id = text::cat("c", below(20));
    if (below(3) == 0) {
      remove({host + " "}, {id});
    } else {
      put({name(host, {id}, static_cast<Mode>(below(4)))},
          {certificate(id, {text::cat("h", below(50), ".test")}, below(1'000))});
    }
  }
  std::vector<std::string> names;
  std::vector<std::string> ids;
  for (int number = 0; number < 50; ++number) {
    names.push_back(text::cat("h", number, ".test "));
    names.push_back(text::cat("*.h", number, ".test "));
    ids.push_back(text::cat("c", number));
  }
  remove(names, ids);
  EXPECT_EQ(snapshot_->server_names.demanding(), 0U);
  EXPECT_TRUE(snapshot_->server_names.empty());
  compiler_.free_retired();
  EXPECT_EQ(node_counts().alive, before);
}

}  // namespace
}  // namespace sallyport::routing
