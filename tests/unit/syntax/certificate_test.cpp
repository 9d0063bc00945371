// SPDX-License-Identifier: Apache-2.0
#include "syntax/certificate.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <utility>

#include "support/pki.hpp"

namespace sallyport::syntax {
namespace {

using support::Authority;
using support::self_signed;

using Names = std::vector<std::string>;

std::string problem_of_chain(std::string_view pem) {
  const auto read = read_chain(pem);
  return read ? "" : read.error().detail;
}
std::string problem_of_key(std::string_view chain, std::string_view key) {
  const PairFacts pair = read_pair(chain, key);
  EXPECT_EQ(pair.chain_problem, "");
  return pair.key_problem;
}
std::string problem_of_bundle(std::string_view pem) {
  const auto read = read_bundle(pem);
  return read ? "" : read.error().detail;
}

TEST(Certificate, TellsNamesTimesAndFingerprint) {
  const auto made =
      self_signed({.names = "DNS:Shop.Example.com,DNS:*.example.com,DNS:a.example.com.,DNS:a.example.com"});
  const auto facts = read_chain(made.certificate);
  ASSERT_TRUE(facts.has_value()) << facts.error().detail;
  EXPECT_EQ(facts->names, (Names{"*.example.com", "a.example.com", "shop.example.com"}));
  EXPECT_EQ(facts->fingerprint.size(), 64U);
  EXPECT_NE(facts->fingerprint, read_chain(self_signed({}).certificate)->fingerprint);
  EXPECT_EQ(facts->not_after - facts->not_before, 31L * 24 * 60 * 60);
  EXPECT_LT(facts->not_before, std::time(nullptr));
  EXPECT_TRUE(facts->is_for_servers);
}

TEST(Certificate, NamesThatNoHostCanHaveAreNone) {
  EXPECT_EQ(
      read_chain(self_signed({.names = "DNS:*.*.example.com,DNS:a*.example.com,DNS:a_b..c,IP:192.0.2.1,DNS:ok.test"})
                     .certificate)
          ->names,
      Names{"ok.test"});
  EXPECT_EQ(read_chain(self_signed({.common_name = "shop.example.com", .names = ""}).certificate)->names, Names())
      << "a common name is no name of a host";
}

TEST(Certificate, OneThatIsOnlyForClientsIsTold) {
  EXPECT_FALSE(read_chain(self_signed({.usage = "clientAuth"}).certificate)->is_for_servers);
  EXPECT_TRUE(read_chain(self_signed({.usage = ""}).certificate)->is_for_servers);
}

TEST(Certificate, AChainIsWrittenAnewWithNothingElseInIt) {
  const Authority authority("authority");
  const auto leaf = authority.issue({});
  const std::string text = "a comment\n" + leaf.certificate + leaf.key + "another\n" + authority.pem() + "the end\n";
  const auto facts = read_chain(text);
  ASSERT_TRUE(facts.has_value()) << facts.error().detail;
  EXPECT_EQ(facts->pem, leaf.certificate + authority.pem());
}

TEST(Certificate, WhatIsNoneIsRefused) {
  const auto good = self_signed({});
  EXPECT_EQ(problem_of_chain(""), "has no certificate in PEM (-----BEGIN CERTIFICATE-----)");
  EXPECT_EQ(problem_of_chain(good.key), "has no certificate in PEM (-----BEGIN CERTIFICATE-----)");
  std::string cut = good.certificate;
  cut.erase(cut.size() / 2, 1);
  EXPECT_EQ(problem_of_chain(cut), "has a certificate that cannot be read: number 1");
  EXPECT_EQ(problem_of_chain(good.certificate + cut), "has a certificate that cannot be read: number 2");
  std::string many;
  for (std::size_t count = 0; count <= max_chain; ++count) many += good.certificate;
  EXPECT_EQ(problem_of_chain(many), "has more than 16 certificates");
}

TEST(Certificate, WeakKeysAndBrokenHashesAreRefused) {
  EXPECT_EQ(problem_of_chain(self_signed({.key = "RSA-1024"}).certificate),
            "has a weak key, of 1024 bits: RSA needs 2048, ECDSA 256");
  EXPECT_EQ(problem_of_chain(self_signed({.key = "RSA-2048"}).certificate), "");
  EXPECT_EQ(problem_of_chain(self_signed({.key = "P-384"}).certificate), "");
  EXPECT_EQ(problem_of_chain(Authority("authority").issue({.sha1 = true}).certificate),
            "has a certificate that is signed with a broken hash, such as SHA-1: clients would refuse it");
  EXPECT_EQ(problem_of_chain(self_signed({.sha1 = true}).certificate), "") << "nobody judges by what it says of itself";
}

// OpenSSL judges all of them by its level, and would take none of it.
TEST(Certificate, WeaknessIsLookedForInAllOfTheChain) {
  const auto wanted = [](std::string name) {
    return support::Wanted{.common_name = std::move(name), .names = "", .usage = "", .authority = true};
  };
  support::Wanted by_sha1 = wanted("root");
  by_sha1.sha1 = true;
  const Authority root(by_sha1);
  const Authority good(root, wanted("good"));
  EXPECT_EQ(problem_of_chain(good.issue({}).certificate + good.pem() + root.pem()), "")
      << "nobody judges the root by what it says of itself";
  by_sha1.common_name = "by SHA-1";
  const Authority bad(root, by_sha1);
  EXPECT_EQ(problem_of_chain(bad.issue({}).certificate + bad.pem()),
            "has a certificate that is signed with a broken hash, such as SHA-1: clients would refuse it (certificate "
            "number 2 of the chain)");
  support::Wanted short_key = wanted("small");
  short_key.key = "RSA-1024";
  const Authority small(root, short_key);
  const auto leaf = small.issue({});
  EXPECT_EQ(problem_of_chain(leaf.certificate + small.pem()),
            "has a weak key, of 1024 bits: RSA needs 2048, ECDSA 256 (certificate number 2 of the chain)");
  EXPECT_EQ(problem_of_chain(leaf.certificate), "");
}

TEST(Certificate, CurvesThatNoHandshakeSignsByAreRefused) {
  for (const char* curve : {"P-224", "secp256k1", "brainpoolP256r1"}) {
    EXPECT_EQ(problem_of_chain(self_signed({.key = curve}).certificate),
              "has a key on a curve that TLS does not use: P-256, P-384 and P-521 are good")
        << curve;
  }
}

TEST(Certificate, AnExpiredOneIsNoError) {
  const auto facts = read_chain(self_signed({.from_days = -3, .to_days = -1}).certificate);
  ASSERT_TRUE(facts.has_value());
  EXPECT_LT(facts->not_after, std::time(nullptr));
}

TEST(CertificateKey, FitsItsOwnCertificateOnly) {
  const auto one = self_signed({});
  const auto other = self_signed({});
  EXPECT_EQ(problem_of_key(one.certificate, one.key), "");
  EXPECT_EQ(problem_of_key(one.certificate, other.key), "does not fit the certificate");
  EXPECT_EQ(problem_of_key(one.certificate, self_signed({.key = "RSA-2048"}).key), "does not fit the certificate");
  EXPECT_EQ(problem_of_key(other.certificate + one.certificate, one.key),
            "fits certificate number 2 of the chain: the one that it fits has to be the first");
}

TEST(CertificateKey, IsNotLookedAtBesideABrokenChain) {
  const auto good = self_signed({});
  const PairFacts pair = read_pair(good.key, "no key");
  EXPECT_EQ(pair.chain_problem, "has no certificate in PEM (-----BEGIN CERTIFICATE-----)");
  EXPECT_EQ(pair.key_problem, "");
  EXPECT_EQ(read_pair(good.certificate, good.key).chain, read_chain(good.certificate));
}

TEST(CertificateKey, WhatIsNoneIsRefusedAndNotQuoted) {
  const auto good = self_signed({});
  EXPECT_EQ(problem_of_key(good.certificate, ""), "has no private key in PEM (-----BEGIN PRIVATE KEY-----)");
  EXPECT_EQ(problem_of_key(good.certificate, good.certificate),
            "has no private key in PEM (-----BEGIN PRIVATE KEY-----)");
  std::string cut = good.key;
  cut.erase(cut.size() / 2, 1);
  EXPECT_EQ(problem_of_key(good.certificate, cut), "has a private key that cannot be read");
  EXPECT_EQ(problem_of_key(good.certificate, support::encrypted_key(good, "password")),
            "is encrypted: a key without a password is needed");
}

TEST(CertificateBundle, HasAuthoritiesOnly) {
  const auto one = self_signed({.common_name = "one", .authority = true});
  const auto other = self_signed({.common_name = "other", .authority = true});
  const auto both = read_bundle(one.certificate + other.certificate);
  ASSERT_TRUE(both.has_value()) << both.error().detail;
  EXPECT_EQ(both->certificates, 2U);
  EXPECT_EQ(both->pem, one.certificate + other.certificate);
  EXPECT_EQ(both->fingerprint, read_bundle("x\n" + one.certificate + "y\n" + other.certificate)->fingerprint);
  EXPECT_NE(both->fingerprint, read_bundle(one.certificate)->fingerprint);
  EXPECT_EQ(problem_of_bundle(one.certificate + self_signed({}).certificate),
            "has a certificate that is no authority's: number 2");
  EXPECT_EQ(problem_of_bundle("nothing"), "has no certificate in PEM (-----BEGIN CERTIFICATE-----)");
}

TEST(CertificateRevocations, AreListsAloneAndWrittenAnew) {
  const Authority one("one");
  const Authority other("other");
  const std::string lists = one.revocations({one.issue({}).certificate}) + other.revocations({});
  const auto read = read_revocations("x\n" + one.pem() + lists);
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  EXPECT_EQ(read->pem, lists);
  EXPECT_EQ(read->fingerprint, read_revocations(lists)->fingerprint);
  EXPECT_NE(read->fingerprint, read_revocations(one.revocations({}))->fingerprint);
  EXPECT_EQ(read_revocations(one.pem()).error().detail, "has no revocation list in PEM (-----BEGIN X509 CRL-----)");
  std::string cut = lists;
  cut.erase(cut.find("CRL-----\n") + 40, 4);
  EXPECT_EQ(read_revocations(cut).error().detail, "has a revocation list that cannot be read: number 1");
}

TEST(CertificateNames, AWildcardCoversOneLabelMore) {
  EXPECT_TRUE(covers("shop.example.com", "shop.example.com"));
  EXPECT_FALSE(covers("shop.example.com", "a.shop.example.com"));
  EXPECT_TRUE(covers("*.example.com", "shop.example.com"));
  EXPECT_TRUE(covers("*.example.com", "*.example.com"));
  EXPECT_FALSE(covers("*.example.com", "example.com"));
  EXPECT_FALSE(covers("*.example.com", ".example.com"));
  EXPECT_FALSE(covers("*.example.com", "a.shop.example.com"));
  EXPECT_FALSE(covers("*.example.com", "shopexample.com"));
}

}  // namespace
}  // namespace sallyport::syntax
