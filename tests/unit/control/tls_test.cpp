// SPDX-License-Identifier: Apache-2.0
// Certificates from Secrets to the model: which version is in force, who is told what, and what a renewal costs.

#include <gtest/gtest.h>

#include <string>

#include "control/engine.hpp"
#include "support/secret_yaml.hpp"
#include "unit/control/objects.hpp"

namespace sallyport::control {
namespace {

constexpr const char* closed =
    ", annotations: {sallyport.dev/client-certificate: require, sallyport.dev/client-certificate-ca: clients}";

ObjectRef secret_ref(std::string name) {
  return {.group = "", .kind = "Secret", .namespace_ = "shop", .name = std::move(name)};
}

std::string secured(std::string_view name, std::string_view host, std::string_view secret = "tls",
                    std::string_view more_meta = "") {
  return ingress(name, text::cat("tls: [{hosts: [", host, "], secretName: ", secret, "}], ", rules({rule(host, "/")})),
                 more_meta);
}

std::string authority_secret(const support::Issued& authority) {
  return support::secret_yaml("clients", "Opaque", {{"ca.crt", authority.certificate}});
}

class Tls : public testing::Test {
 protected:
  const model::Certificate* certificate(const std::string& id = "shop/tls") {
    const auto all = engine_.parts().certificates;
    const auto found = all.find(id);
    return found == all.end() ? nullptr : (held_ = found->second).get();
  }
  std::string fingerprint() {
    const auto* const found = certificate();
    return found == nullptr ? "" : found->fingerprint;
  }
  bool listens() { return engine_.parts().listeners.contains("https"); }
  std::string reason(const ObjectRef& ref) {
    const StatusPtr status = engine_.status(ref);
    if (status == nullptr) return "none";
    const dialects::Finding* const finding = leading(*status);
    return finding == nullptr ? "" : finding->reason;
  }
  static std::string fingerprint_of(const support::Issued& pair) {
    return syntax::read_chain(pair.certificate)->fingerprint;
  }
  const model::ServerName* server_name(std::string_view host) {
    for (const auto& [id, name] : engine_.parts().server_names) {
      if (name->host.name == host) return (held_name_ = name).get();
    }
    return nullptr;
  }

  Engine engine_{Settings()};

 private:
  std::shared_ptr<const model::Certificate> held_;
  std::shared_ptr<const model::ServerName> held_name_;
};

TEST_F(Tls, ASecretIsServedAsLongAsSomethingRefersToIt) {
  const auto pair = support::self_signed({});
  engine_.apply(changed(service() + support::secret_yaml("tls", pair)));
  EXPECT_EQ(certificate(), nullptr);
  EXPECT_FALSE(listens());
  EXPECT_EQ(reason(secret_ref("tls")), "NotUsed");
  engine_.apply(changed(secured("a", "shop.example.com")));
  ASSERT_NE(certificate(), nullptr);
  EXPECT_EQ(certificate()->key->reveal(), pair.key);
  EXPECT_TRUE(listens());
  EXPECT_EQ(reason(secret_ref("tls")), "");
  engine_.apply(removed(ingress_ref("a")));
  EXPECT_EQ(certificate(), nullptr);
  EXPECT_FALSE(listens()) << "there is nothing to serve by TLS any more";
}

TEST_F(Tls, TheListenerComesAndGoesByDeltas) {
  engine_.apply(changed(service()));
  const Outcome opened = engine_.apply(changed(secured("a", "shop.example.com")));
  ASSERT_EQ(opened.delta.listeners.changed.size(), 1U);
  EXPECT_EQ(opened.delta.listeners.changed.front()->port, 443);
  EXPECT_TRUE(opened.delta.listeners.changed.front()->tls);
  EXPECT_TRUE(engine_.apply(changed(secured("b", "b.example.com"))).delta.listeners.empty());
  engine_.apply(removed(ingress_ref("a")));
  const Outcome last = engine_.apply(removed(ingress_ref("b")));
  EXPECT_EQ(last.delta.listeners.removed, std::vector<model::Id>{"https"});
}

TEST_F(Tls, ABrokenPairKeepsTheOneBefore) {
  const auto good = support::self_signed({});
  const auto other = support::self_signed({});
  engine_.apply(changed(service() + secured("a", "shop.example.com") + support::secret_yaml("tls", good)));
  engine_.apply(changed(support::secret_yaml("tls", {.certificate = other.certificate, .key = good.key})));
  EXPECT_EQ(fingerprint(), fingerprint_of(good));
  EXPECT_EQ(reason(secret_ref("tls")), "InvalidCertificate");
  EXPECT_TRUE(engine_.status(secret_ref("tls"))->last_good);
  EXPECT_EQ(reason(ingress_ref("a")), "");
  engine_.apply(changed(support::secret_yaml("tls", other)));
  EXPECT_EQ(fingerprint(), fingerprint_of(other));
  EXPECT_EQ(reason(secret_ref("tls")), "");
}

TEST_F(Tls, OneThatWasNeverGoodIsMissingForWhoeverNamesItAndHeals) {
  const auto good = support::self_signed({});
  engine_.apply(
      changed(service() + secured("a", "shop.example.com") +
              support::secret_yaml("tls", {.certificate = good.certificate, .key = support::self_signed({}).key})));
  EXPECT_EQ(certificate(), nullptr);
  EXPECT_EQ(reason(ingress_ref("a")), "SecretNotFound");
  EXPECT_EQ(reason(secret_ref("tls")), "InvalidCertificate");
  EXPECT_EQ(engine_.rules_in_force(), 1U) << "the rest of the Ingress serves";
  engine_.apply(changed(support::secret_yaml("tls", good)));
  EXPECT_EQ(fingerprint(), fingerprint_of(good));
  EXPECT_EQ(reason(ingress_ref("a")), "");
}

TEST_F(Tls, FaultsOfOneThatNobodyUsesAreNobodysBusiness) {
  const auto good = support::self_signed({});
  engine_.apply(changed(support::secret_yaml("tls", {.certificate = good.certificate, .key = "nonsense"})));
  EXPECT_EQ(reason(secret_ref("tls")), "NotUsed");
}

TEST_F(Tls, TheDefaultCertificateIsUsedByAnOption) {
  Settings settings;
  settings.default_certificate = secret_ref("tls");
  Engine engine(settings);
  engine.apply(changed(support::secret_yaml("tls", support::self_signed({}))));
  const Parts parts = engine.parts();
  EXPECT_EQ(parts.certificates.size(), 1U);
  ASSERT_TRUE(parts.listeners.contains("https"));
  EXPECT_EQ(parts.listeners.at("https")->default_certificate, "shop/tls");
}

TEST_F(Tls, ARenewalTranslatesTheSecretAndNoIngress) {
  std::string all = service() + support::secret_yaml("tls", support::self_signed({.names = "DNS:*.example.com"}));
  for (int number = 0; number < 500; ++number) {
    all += secured(text::cat("i", number), text::cat("h", number, ".example.com"));
  }
  engine_.apply(changed(all));
  const auto before = engine_.work();
  const auto renewed = support::self_signed({.names = "DNS:*.example.com"});
  const Outcome outcome = engine_.apply(changed(support::secret_yaml("tls", renewed)));
  EXPECT_EQ(engine_.work().translate - before.translate, 1U);
  EXPECT_EQ(engine_.work().resolve - before.resolve, 0U);
  EXPECT_EQ(outcome.delta.certificates.changed.size(), 1U);
  EXPECT_TRUE(outcome.delta.server_names.empty());
  EXPECT_EQ(fingerprint(), fingerprint_of(renewed));
}

TEST_F(Tls, AnotherIngressOfASecretTranslatesTwoObjects) {
  std::string all = service() + support::secret_yaml("tls", support::self_signed({.names = "DNS:*.example.com"}));
  for (int number = 0; number < 500; ++number) {
    all += secured(text::cat("i", number), text::cat("h", number, ".example.com"));
  }
  engine_.apply(changed(all));
  const auto before = engine_.work();
  engine_.apply(changed(secured("another", "another.example.com")));
  EXPECT_LE(engine_.work().translate - before.translate, 2U) << "the Ingress, and the Secret with its uses";
}

TEST_F(Tls, WhoAsksForTheSameHasLostNothingUntilTheyDiffer) {
  const std::string old = ", creationTimestamp: 2026-01-01T00:00:00Z";
  const std::string young = ", creationTimestamp: 2026-02-01T00:00:00Z";
  const auto with_path = [](std::string_view name, std::string_view path, std::string_view secret,
                            const std::string& meta) {
    return ingress(name,
                   text::cat("tls: [{hosts: [shop.example.com], secretName: ", secret, "}], ",
                             rules({rule("shop.example.com", path)})),
                   meta);
  };
  engine_.apply(changed(service() + with_path("a", "/a", "tls", old) + with_path("b", "/b", "tls", young) +
                        support::secret_yaml("tls", support::self_signed({})) +
                        support::secret_yaml("other", support::self_signed({}))));
  EXPECT_EQ(reason(ingress_ref("a")), "");
  EXPECT_EQ(reason(ingress_ref("b")), "");
  engine_.apply(changed(with_path("a", "/a", "other", old)));
  EXPECT_EQ(reason(ingress_ref("b")), "Shadowed");
  EXPECT_EQ(server_name("shop.example.com")->certificates, std::vector<model::Id>{"shop/other"});
  EXPECT_EQ(engine_.rules_in_force(), 2U);
  engine_.apply(changed(with_path("a", "/a", "tls", old)));
  EXPECT_EQ(reason(ingress_ref("b")), "");
}

TEST_F(Tls, AuthoritiesAreReplacedAndBrokenOnesLetNobodyIn) {
  const auto first = support::self_signed({.common_name = "first", .authority = true});
  const auto second = support::self_signed({.common_name = "second", .authority = true});
  engine_.apply(changed(service() + secured("a", "shop.example.com", "tls", closed) +
                        support::secret_yaml("tls", support::self_signed({})) + authority_secret(first)));
  using Mode = model::ClientValidation::Mode;
  const auto client = [&] { return server_name("shop.example.com")->policy.client; };
  EXPECT_EQ(client().mode, Mode::require);
  EXPECT_EQ(client().bundle, first.certificate);
  engine_.apply(changed(authority_secret(second)));
  EXPECT_EQ(client().bundle, second.certificate);
  engine_.apply(changed(authority_secret(support::self_signed({}))));
  EXPECT_EQ(client().mode, Mode::refuse) << "no older bundle stays in force";
  EXPECT_EQ(client().bundle, "");
  EXPECT_EQ(reason(ingress_ref("a")), "InvalidClientCa");
  engine_.apply(removed(secret_ref("clients")));
  EXPECT_EQ(client().mode, Mode::refuse);
  EXPECT_EQ(reason(ingress_ref("a")), "SecretNotFound");
  engine_.apply(changed(authority_secret(first)));
  EXPECT_EQ(client().mode, Mode::require);
  EXPECT_EQ(reason(ingress_ref("a")), "");
}

TEST_F(Tls, NoOlderBundleStaysBehindABrokenPair) {
  const auto first = support::self_signed({.common_name = "first", .authority = true});
  const auto second = support::self_signed({.common_name = "second", .authority = true});
  const auto pair = support::self_signed({});
  const auto both = [&](const support::Issued& authority, const std::string& key) {
    return support::secret_yaml("clients", "kubernetes.io/tls",
                                {{"tls.crt", pair.certificate}, {"tls.key", key}, {"ca.crt", authority.certificate}});
  };
  const auto bundle = [&] { return server_name("shop.example.com")->policy.client.bundle; };
  engine_.apply(changed(service() + secured("a", "shop.example.com", "tls", closed) +
                        support::secret_yaml("tls", support::self_signed({})) + both(first, pair.key)));
  EXPECT_EQ(bundle(), first.certificate);
  engine_.apply(changed(both(second, support::self_signed({}).key)));
  EXPECT_EQ(bundle(), second.certificate);
  EXPECT_EQ(reason(secret_ref("clients")), "InvalidCertificate");
  engine_.apply(
      changed(support::secret_yaml("clients", "Opaque", {{"tls.crt", "none"}, {"ca.crt", first.certificate}})));
  EXPECT_EQ(bundle(), first.certificate);
}

// The key of an authority is for signing, and the name in its certificate is no host's.
TEST_F(Tls, WhatIsUsedAsABundleIsNotShownAsACertificate) {
  const auto authority = support::self_signed({.common_name = "first", .authority = true});
  engine_.apply(changed(
      service() + secured("a", "shop.example.com", "tls", closed) +
      support::secret_yaml("tls", support::self_signed({})) +
      support::secret_yaml(
          "clients", "kubernetes.io/tls",
          {{"tls.crt", authority.certificate}, {"tls.key", authority.key}, {"ca.crt", authority.certificate}})));
  EXPECT_EQ(server_name("shop.example.com")->policy.client.bundle, authority.certificate);
  EXPECT_EQ(certificate("shop/clients"), nullptr);
  EXPECT_NE(certificate("shop/tls"), nullptr);
}

TEST_F(Tls, WhatIsRevokedIsPartOfThePolicyAndABrokenListLetsNobodyIn) {
  const support::Authority authority("clients");
  const auto secret = [&](const std::string& lists) {
    return support::secret_yaml("clients", "Opaque", {{"ca.crt", authority.pem()}, {"ca.crl", lists}});
  };
  engine_.apply(changed(service() + secured("a", "shop.example.com", "tls", closed) +
                        support::secret_yaml("tls", support::self_signed({})) +
                        support::secret_yaml("clients", "Opaque", {{"ca.crt", authority.pem()}})));
  using Mode = model::ClientValidation::Mode;
  const auto policy = [&] { return server_name("shop.example.com")->policy; };
  EXPECT_EQ(policy().client.revoked, "");
  const std::string without = model::policy_id(policy());
  const std::string lists = authority.revocations({authority.issue({}).certificate});
  engine_.apply(changed(secret(lists)));
  EXPECT_EQ(policy().client.mode, Mode::require);
  EXPECT_EQ(policy().client.revoked, lists);
  EXPECT_NE(model::policy_id(policy()), without);
  engine_.apply(changed(secret("nothing")));
  EXPECT_EQ(policy().client.mode, Mode::refuse);
  EXPECT_EQ(reason(ingress_ref("a")), "InvalidClientCa");
  std::string undecodable =
      support::secret_yaml("clients", "Opaque", {{"ca.crt", authority.pem()}}) + "data: {ca.crl: \"?\"}\n";
  engine_.apply(changed(undecodable));
  EXPECT_EQ(policy().client.mode, Mode::refuse) << "that there is a list must not be lost with what is in it";
  engine_.apply(changed(secret(lists)));
  EXPECT_EQ(policy().client.mode, Mode::require);
}

TEST_F(Tls, RulesThatWantClientCertificatesSayUnderWhichPolicy) {
  const auto authority = support::self_signed({.authority = true});
  engine_.apply(changed(service() + secured("a", "shop.example.com", "tls", closed) +
                        support::secret_yaml("tls", support::self_signed({})) + authority_secret(authority)));
  const Parts parts = engine_.parts();
  ASSERT_EQ(parts.rules.size(), 1U);
  const auto& chain = parts.rules.begin()->second->chain;
  ASSERT_EQ(chain.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<model::HttpsRedirect>(chain[0]));
  EXPECT_EQ(std::get<model::TlsGuard>(chain[1]).policy, model::policy_id(server_name("shop.example.com")->policy));
}

TEST_F(Tls, NothingOfAKeyIsInAFinding) {
  const auto good = support::self_signed({});
  const std::string mangled = good.key.substr(0, good.key.size() / 2) + "\n";
  engine_.apply(changed(service() + secured("a", "shop.example.com") +
                        support::secret_yaml("tls", {.certificate = good.certificate, .key = mangled})));
  const std::string part = good.key.substr(good.key.find('\n') + 1, 16);
  for (const auto& [ref, status] : engine_.statuses()) {
    for (const dialects::Finding& finding : status->findings) {
      EXPECT_EQ(finding.message.find(part), std::string::npos) << finding.message;
    }
  }
  EXPECT_EQ(reason(secret_ref("tls")), "InvalidCertificate");
}

}  // namespace
}  // namespace sallyport::control
