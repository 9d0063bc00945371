// SPDX-License-Identifier: Apache-2.0
// Secrets that a source gives by name only: whatever refers to one that has not come yet waits for it, and nothing
// else.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "control/control.hpp"
#include "support/secret_yaml.hpp"
#include "unit/control/objects.hpp"

namespace sallyport::control {
namespace {

using Refs = std::set<ObjectRef>;

ObjectRef secret_ref(std::string name) {
  return {.group = "", .kind = "Secret", .namespace_ = "shop", .name = std::move(name)};
}

// A cluster's source, as far as control sees it.
class NamingSource final : public sources::Source {
 public:
  Result<void> start(sources::OnChanges on_changes) override {
    give = std::move(on_changes);
    return {};
  }
  void reload() override {}
  void want(const sources::Wanted& news) override {
    for (const ObjectRef& ref : news.dropped) EXPECT_EQ(wanted.erase(ref), 1U);
    for (const ObjectRef& ref : news.added) EXPECT_TRUE(wanted.insert(ref).second);
  }
  bool is_awaited(const ObjectRef& ref) const override { return there.contains(ref) && !given.contains(ref); }
  bool gives_by_name() const override { return true; }
  bool has_read(const ObjectRef& ref) const override { return !unread.contains(ref); }

  sources::OnChanges give;
  Refs wanted;
  Refs there;  // by the list of names
  Refs given;
  Refs unread;  // that cannot be had
};

class Awaited : public testing::Test {
 protected:
  explicit Awaited(Settings settings = {})
      : control_(
            source_, sink_, std::move(settings), [this](model::Delta delta) { deltas_.push_back(std::move(delta)); },
            [this](std::string line) { gone_lines_.push_back(std::move(line)); }) {}

  void start() { EXPECT_TRUE(control_.start()); }
  void give(sources::Changes changes) {
    for (const kube::ObjectPtr& object : changes.changed) source_.given.insert(object->ref);
    source_.give(std::move(changes));
    control_.adopted({.version = control_.version()});
  }
  void restore_without_secrets(const std::string& yaml) {
    control_.restore(objects(yaml), false);
    start();
    control_.adopted({.version = control_.version()});
  }
  std::string secret(std::string_view name) { return support::secret_yaml(name, pair_); }
  static std::string secured(std::string_view name, std::string_view secret, std::string_view path = "/") {
    const std::string host = text::cat(name, ".example.com");
    return ingress(name,
                   text::cat("tls: [{hosts: [", host, "], secretName: ", secret, "}], ", rules({rule(host, path)})));
  }
  // Ingresses that are told of.
  std::string told() const {
    std::vector<std::string> names;
    for (const auto& [ref, status] : control_.statuses()) {
      if (ref.kind == "Ingress") names.push_back(ref.name);
    }
    std::ranges::sort(names);
    return text::join(names, " ");
  }

  const support::Issued pair_ = support::self_signed({.names = "DNS:a.example.com"});
  NamingSource source_;
  std::vector<std::string> lines_;  // of verdicts
  LineSink sink_{[this](const std::string& line) { lines_.push_back(line); }};
  std::vector<model::Delta> deltas_;
  std::vector<std::string> gone_lines_;  // of what is gone
  Control control_;
};

const std::string base = service() + slice("10.0.0.1");

sources::Changes unavailable(std::string name) {
  sources::Changes changes;
  changes.unavailable.push_back(secret_ref(std::move(name)));
  changes.complete = true;
  return changes;
}

using Lines = std::vector<std::string>;

TEST_F(Awaited, TheFirstModelWaits) {
  source_.there = {secret_ref("tls")};
  start();
  give(changed(base + secured("a", "tls")));
  EXPECT_TRUE(deltas_.empty()) << "a host would be served without its certificate";
  EXPECT_FALSE(control_.is_ready());
  EXPECT_FALSE(control_.is_settled());
  EXPECT_EQ(source_.wanted, Refs({secret_ref("tls")}));
  give(changed(secret("tls")));
  ASSERT_EQ(deltas_.size(), 1U);
  EXPECT_EQ(deltas_[0].rules.changed.size(), 1U);
  EXPECT_EQ(deltas_[0].certificates.changed.size(), 1U);
  EXPECT_TRUE(control_.is_ready());
  EXPECT_TRUE(control_.is_settled());
}

TEST_F(Awaited, WhatTurnsOutToBeAbsentIsWaitedForNoLonger) {
  source_.there = {secret_ref("tls")};
  start();
  give(changed(base + secured("a", "tls")));
  source_.there.clear();
  give(removed(secret_ref("tls")));
  EXPECT_EQ(deltas_.size(), 1U);
  EXPECT_EQ(told(), "a");
  EXPECT_TRUE(control_.is_ready());
}

TEST_F(Awaited, NorIsWhatCannotBeHad) {
  source_.there = {secret_ref("tls")};
  start();
  give(changed(base + secured("a", "tls")));
  EXPECT_TRUE(deltas_.empty());
  source_.there.clear();
  give(unavailable("tls"));
  EXPECT_EQ(deltas_.size(), 1U);
  EXPECT_EQ(told(), "a");
}

TEST_F(Awaited, WhatIsNotThereIsNotWaitedFor) {
  start();
  give(changed(base + secured("a", "tls")));
  EXPECT_EQ(deltas_.size(), 1U);
  EXPECT_EQ(source_.wanted, Refs({secret_ref("tls")}));
}

TEST_F(Awaited, ALaterOneHoldsBackOnlyWhatRefersToIt) {
  start();
  give(changed(base + ingress("b", rules({rule("b.example.com", "/")}))));
  source_.there = {secret_ref("tls")};
  give(changed(secured("a", "tls") + ingress("c", rules({rule("c.example.com", "/")}))));
  EXPECT_EQ(told(), "b c");
  EXPECT_FALSE(control_.is_settled());
  give(changed(secret("tls")));
  EXPECT_EQ(told(), "a b c");
  EXPECT_TRUE(control_.is_settled());
}

TEST_F(Awaited, WhatWasInForceStaysMeanwhile) {
  source_.there = {secret_ref("one"), secret_ref("two")};
  source_.given = {};
  start();
  give(changed(base + secured("a", "one")));
  give(changed(secret("one")));
  const std::size_t before = deltas_.size();
  give(changed(secured("a", "two", "/new")));
  EXPECT_EQ(deltas_.size(), before);
  give(changed(secret("two")));
  ASSERT_EQ(deltas_.size(), before + 1);
  EXPECT_EQ(deltas_.back().rules.changed.size(), 1U);
  EXPECT_EQ(source_.wanted, Refs({secret_ref("two")})) << "nobody wants the other any more";
}

TEST_F(Awaited, OneWithAFaultIsWaitedForNoLonger) {
  source_.there = {secret_ref("tls")};
  start();
  give(changed(base + secured("a", "tls")));
  give(changed(
      support::secret_yaml("tls", "kubernetes.io/tls", {{"tls.crt", "no certificate"}, {"tls.key", "no key"}})));
  EXPECT_EQ(told(), "a");
}

TEST_F(Awaited, WhatGoesMeanwhileWaitsForNothing) {
  source_.there = {secret_ref("tls")};
  start();
  give(changed(base + secured("a", "tls")));
  give(removed(ingress_ref("a")));
  EXPECT_EQ(deltas_.size(), 1U);
  EXPECT_TRUE(source_.wanted.empty());
}

TEST_F(Awaited, LastGoodWithoutSecretsIsServedAtOnceAndReadyOnceTheSourceHasGivenThem) {
  source_.there = {secret_ref("tls"), secret_ref("other")};
  restore_without_secrets(base + secured("a", "tls") + secured("b", "other"));
  EXPECT_EQ(deltas_.size(), 1U);
  EXPECT_EQ(told(), "a b");
  EXPECT_TRUE(control_.is_serving());
  EXPECT_FALSE(control_.is_ready()) << "hosts with TLS have no certificate";
  EXPECT_EQ(source_.wanted, Refs({secret_ref("tls"), secret_ref("other")}));
  give(changed(base + secured("a", "tls") + secured("b", "other")));
  give(changed(secret("other")));
  EXPECT_EQ(deltas_.size(), 1U) << "half of the certificates are as wrong as none";
  EXPECT_FALSE(control_.is_ready());
  EXPECT_FALSE(control_.is_settled());
  give(changed(secret("tls")));
  EXPECT_EQ(deltas_.size(), 2U);
  EXPECT_EQ(deltas_.back().certificates.changed.size(), 2U);
  EXPECT_TRUE(control_.is_ready());
  EXPECT_TRUE(control_.is_settled());
}

TEST_F(Awaited, ItIsReadyWhenTheModelWithTheSecretsIsAdopted) {
  source_.there = {secret_ref("tls")};
  restore_without_secrets(base + secured("a", "tls"));
  source_.give(changed(base + secured("a", "tls") + secret("tls")));
  EXPECT_EQ(deltas_.size(), 2U);
  EXPECT_FALSE(control_.is_ready());
  control_.adopted({.version = control_.version()});
  EXPECT_TRUE(control_.is_ready());
}

TEST_F(Awaited, WhatTheSourceTakesAwayIsToldOnceItTakesOver) {
  source_.there = {secret_ref("tls")};
  restore_without_secrets(base + secured("a", "tls") + secured("b", "tls"));
  give(changed(base + secured("a", "tls")));
  EXPECT_EQ(told(), "a b") << "it is still served";
  give(changed(secret("tls")));
  EXPECT_EQ(told(), "a");
  EXPECT_EQ(deltas_.back().rules.removed.size(), 1U);
}

TEST_F(Awaited, WhatIsRejectedBeforeTheSecretsAreThereIsToldNobody) {
  source_.there = {secret_ref("tls")};
  const std::string all = base + secured("a", "tls") + ingress("b", rules({rule("b.example.com", "/")})) +
                          ingress("c", rules({rule("c.example.com", "/", "Prefix", "none")}));
  const auto words = [&](std::string_view name) {
    std::vector<std::string> found;
    for (const std::string& line : lines_) {
      if (line.contains(text::cat("Ingress shop/", name, " "))) found.push_back(line.substr(0, line.find(' ')));
    }
    return text::join(found, ", ");
  };
  restore_without_secrets(all);
  EXPECT_EQ(words("b"), "accepted");
  EXPECT_EQ(words("a") + words("c"), "") << "there may be such a Secret";
  give(changed(all));
  EXPECT_EQ(words("a") + words("c"), "");
  give(changed(secret("tls")));
  EXPECT_EQ(words("a"), "accepted");
  EXPECT_EQ(words("b"), "accepted");
  EXPECT_EQ(words("c"), "rejected") << "though it says what it said before";
}

TEST_F(Awaited, SecretsThatAreNotThereAreNotWaitedFor) {
  restore_without_secrets(base + secured("a", "tls"));
  EXPECT_FALSE(control_.is_ready());
  give(changed(base + secured("a", "tls")));
  EXPECT_TRUE(control_.is_ready());
  EXPECT_TRUE(control_.is_settled());
}

TEST_F(Awaited, WithoutSecretsItIsReadyAtOnceWhereNothingRefersToOne) {
  restore_without_secrets(base + ingress("a", rules({rule("a.example.com", "/")})));
  EXPECT_TRUE(control_.is_ready());
  source_.there = {secret_ref("tls")};
  give(changed(base + secured("a", "tls") + ingress("b", rules({rule("b.example.com", "/")}))));
  EXPECT_EQ(told(), "a b");
  EXPECT_FALSE(control_.is_settled());
  give(changed(secret("tls")));
  EXPECT_TRUE(control_.is_settled());
}

TEST_F(Awaited, LastGoodWithSecretsIsReadyAtOnce) {
  source_.there = {secret_ref("tls")};
  control_.restore(objects(base + secured("a", "tls") + secret("tls")), true);
  start();
  control_.adopted({.version = control_.version()});
  EXPECT_TRUE(control_.is_ready());
}

TEST_F(Awaited, ARestoredOneStaysUntilTheSourceHasGivenIt) {
  source_.there = {secret_ref("tls"), secret_ref("unused")};
  control_.restore(objects(base + secured("a", "tls") + secret("tls") + secret("unused")), true);
  start();
  give(changed(base + secured("a", "tls")));
  EXPECT_EQ(control_.unconfirmed(), 1U) << "the one that is in use";
  EXPECT_EQ(source_.wanted, Refs({secret_ref("tls")}));
  give(changed(secret("tls")));
  EXPECT_EQ(control_.unconfirmed(), 0U);
}

TEST_F(Awaited, ARestoredOneThatCannotBeHadStaysUntilItTurnsOutToBeGone) {
  source_.there = {secret_ref("tls")};
  control_.restore(objects(base + secured("a", "tls") + secret("tls")), true);
  start();
  give(changed(base + secured("a", "tls")));
  source_.unread = {secret_ref("tls")};
  source_.there.clear();  // it is not waited for
  give(unavailable("tls"));
  EXPECT_EQ(control_.unconfirmed(), 1U);
  EXPECT_TRUE(control_.statuses().contains(secret_ref("tls")));
  ASSERT_EQ(deltas_.size(), 1U) << "all that was in force is";

  source_.unread.clear();
  sources::Changes changes;
  changes.complete = changes.has_read_more = true;
  give(std::move(changes));
  EXPECT_EQ(control_.unconfirmed(), 0U);
  EXPECT_EQ(gone_lines_, Lines{"removed Secret shop/tls"});
}

TEST_F(Awaited, OneThatNobodyRefersToAnyMoreIsNotSaidToBeRemoved) {
  start();
  give(changed(base + secured("a", "tls") + secured("b", "other") + secret("tls") + secret("other")));
  give(removed(ingress_ref("a")));
  EXPECT_EQ(source_.wanted, Refs({secret_ref("other")}));
  gone_lines_.clear();
  give(removed(secret_ref("tls")));
  EXPECT_EQ(gone_lines_, Lines{"unused Secret shop/tls: nothing refers to it any more"});
  give(removed(secret_ref("other")));
  EXPECT_EQ(gone_lines_.back(), "removed Secret shop/other");
}

class AwaitedDefault : public Awaited {
 protected:
  AwaitedDefault() : Awaited(with_default()) {}
  static Settings with_default() {
    Settings settings;
    settings.default_certificate = secret_ref("default");
    return settings;
  }
};

TEST_F(AwaitedDefault, TheDefaultCertificateIsAlwaysWanted) {
  source_.there = {secret_ref("default")};
  start();
  give(changed(base + secured("a", "default")));
  EXPECT_EQ(source_.wanted, Refs({secret_ref("default")}));
  EXPECT_TRUE(deltas_.empty());
  give(changed(secret("default")));
  EXPECT_EQ(deltas_.size(), 1U);
  give(removed(ingress_ref("a")));
  EXPECT_EQ(source_.wanted, Refs({secret_ref("default")}));
}

TEST_F(AwaitedDefault, ItIsWaitedForThoughNothingRefersToIt) {
  source_.there = {secret_ref("default")};
  start();
  give(changed(base));
  EXPECT_TRUE(deltas_.empty());
  source_.there.clear();
  give(removed(secret_ref("default")));
  EXPECT_EQ(deltas_.size(), 1U);
}

TEST_F(AwaitedDefault, AfterARestoreWithoutSecretsItIsNoOthersSubstitute) {
  source_.there = {secret_ref("default"), secret_ref("tls")};
  restore_without_secrets(base + secured("a", "tls"));
  give(changed(base + secured("a", "tls")));
  give(changed(secret("default")));
  EXPECT_EQ(deltas_.size(), 1U) << "a.example.com would be shown the default one";
  give(changed(secret("tls")));
  EXPECT_EQ(deltas_.back().certificates.changed.size(), 2U);
  EXPECT_TRUE(control_.is_ready());
}

TEST_F(AwaitedDefault, AfterARestoreWithoutSecretsItIsWaitedFor) {
  source_.there = {secret_ref("default")};
  restore_without_secrets(base);
  EXPECT_FALSE(control_.is_ready());
  give(changed(base));
  EXPECT_FALSE(control_.is_ready());
  EXPECT_FALSE(control_.is_settled());
  give(changed(secret("default")));
  EXPECT_TRUE(control_.is_ready());
  EXPECT_TRUE(control_.is_settled());
}

}  // namespace
}  // namespace sallyport::control
