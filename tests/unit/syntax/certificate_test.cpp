// SPDX-License-Identifier: Apache-2.0
#include "syntax/certificate.hpp"

#include <gtest/gtest.h>

#include <ctime>

#include "support/pairs.hpp"
#include "support/pki.hpp"

namespace sallyport::syntax {
namespace {

using pki::make;

using Names = std::vector<std::string>;

std::string problem_of_chain(std::string_view pem) {
  const auto read = read_chain(pem);
  return read ? "" : read.error().detail;
}
std::string problem_of_key(std::string_view chain, std::string_view key) {
  const auto fits = check_key(chain, key);
  return fits ? "" : fits.error().detail;
}
std::string problem_of_bundle(std::string_view pem) {
  const auto read = read_bundle(pem);
  return read ? "" : read.error().detail;
}

TEST(Certificate, TellsNamesTimesAndFingerprint) {
  const auto made = make({.names = "DNS:Shop.Example.com,DNS:*.example.com,DNS:a.example.com.,DNS:a.example.com"});
  const auto facts = read_chain(made.certificate);
  ASSERT_TRUE(facts.has_value()) << facts.error().detail;
  EXPECT_EQ(facts->names, (Names{"*.example.com", "a.example.com", "shop.example.com"}));
  EXPECT_EQ(facts->fingerprint.size(), 64U);
  EXPECT_NE(facts->fingerprint, read_chain(make({}).certificate)->fingerprint);
  EXPECT_EQ(facts->not_after - facts->not_before, 366L * 24 * 60 * 60);
  EXPECT_LT(facts->not_before, std::time(nullptr));
  EXPECT_TRUE(facts->is_for_servers);
}

TEST(Certificate, NamesThatNoHostCanHaveAreNone) {
  EXPECT_EQ(
      read_chain(
          make({.names = "DNS:*.*.example.com,DNS:a*.example.com,DNS:a_b..c,IP:192.0.2.1,DNS:ok.test"}).certificate)
          ->names,
      Names{"ok.test"});
  EXPECT_EQ(read_chain(make({.names = "", .common_name = "shop.example.com"}).certificate)->names, Names())
      << "a common name is no name of a host";
}

TEST(Certificate, OneThatIsOnlyForClientsIsTold) {
  EXPECT_FALSE(read_chain(make({.usage = "clientAuth"}).certificate)->is_for_servers);
  EXPECT_TRUE(read_chain(make({.usage = "serverAuth,clientAuth"}).certificate)->is_for_servers);
}

TEST(Certificate, AChainIsWrittenAnewWithNothingElseInIt) {
  const auto authority = make({.authority = true});
  const auto leaf = make({.signed_by = &authority});
  const std::string text =
      "a comment\n" + leaf.certificate + leaf.key + "another\n" + authority.certificate + "the end\n";
  const auto facts = read_chain(text);
  ASSERT_TRUE(facts.has_value()) << facts.error().detail;
  EXPECT_EQ(facts->pem, leaf.certificate + authority.certificate);
}

TEST(Certificate, WhatIsNoneIsRefused) {
  const auto good = make({});
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
  EXPECT_EQ(problem_of_chain(make({}, pki::rsa_key(1024)).certificate),
            "has a weak key, of 1024 bits: RSA needs 2048, ECDSA 256");
  EXPECT_EQ(problem_of_chain(make({}, pki::rsa_key(2048)).certificate), "");
  EXPECT_EQ(problem_of_chain(make({}, pki::ec_key("P-384")).certificate), "");
  const auto authority = make({.authority = true, .common_name = "authority"});
  EXPECT_EQ(problem_of_chain(make({.hash = "SHA1", .signed_by = &authority}).certificate),
            "has a certificate that is signed with a broken hash, such as SHA-1: clients would refuse it");
  EXPECT_EQ(problem_of_chain(make({.hash = "SHA1"}).certificate), "") << "nobody judges by what it says of itself";
}

// OpenSSL judges all of them by its level, and would take none of it.
TEST(Certificate, WeaknessIsLookedForInAllOfTheChain) {
  const auto root = make({.authority = true, .hash = "SHA1", .common_name = "root"});
  const auto good = make({.authority = true, .signed_by = &root, .common_name = "good"});
  EXPECT_EQ(problem_of_chain(make({.signed_by = &good}).certificate + good.certificate + root.certificate), "")
      << "nobody judges the root by what it says of itself";
  const auto by_sha1 = make({.authority = true, .hash = "SHA1", .signed_by = &root, .common_name = "by SHA-1"});
  EXPECT_EQ(problem_of_chain(make({.signed_by = &by_sha1}).certificate + by_sha1.certificate),
            "has a certificate that is signed with a broken hash, such as SHA-1: clients would refuse it (certificate "
            "number 2 of the chain)");
  const auto small = make({.authority = true, .signed_by = &root, .common_name = "small"}, pki::rsa_key(1024));
  const auto leaf = make({.signed_by = &small});
  EXPECT_EQ(problem_of_chain(leaf.certificate + small.certificate),
            "has a weak key, of 1024 bits: RSA needs 2048, ECDSA 256 (certificate number 2 of the chain)");
  EXPECT_EQ(problem_of_chain(leaf.certificate), "");
}

TEST(Certificate, CurvesThatNoHandshakeSignsByAreRefused) {
  for (const char* curve : {"P-224", "secp256k1", "brainpoolP256r1"}) {
    EXPECT_EQ(problem_of_chain(make({}, pki::ec_key(curve)).certificate),
              "has a key on a curve that TLS does not use: P-256, P-384 and P-521 are good")
        << curve;
  }
}

TEST(Certificate, AnExpiredOneIsNoError) {
  const auto facts = read_chain(make({.from = -200, .to = -100}).certificate);
  ASSERT_TRUE(facts.has_value());
  EXPECT_LT(facts->not_after, std::time(nullptr));
}

TEST(CertificateKey, FitsItsOwnCertificateOnly) {
  const auto one = make({});
  const auto other = make({});
  EXPECT_EQ(problem_of_key(one.certificate, one.key), "");
  EXPECT_EQ(problem_of_key(one.certificate, other.key), "does not fit the certificate");
  EXPECT_EQ(problem_of_key(one.certificate, make({}, pki::rsa_key(2048)).key), "does not fit the certificate");
  EXPECT_EQ(problem_of_key(other.certificate + one.certificate, one.key),
            "fits certificate number 2 of the chain: the one that it fits has to be the first");
}

TEST(CertificateKey, WhatIsNoneIsRefusedAndNotQuoted) {
  const auto good = make({});
  EXPECT_EQ(problem_of_key(good.certificate, ""), "has no private key in PEM (-----BEGIN PRIVATE KEY-----)");
  EXPECT_EQ(problem_of_key(good.certificate, good.certificate),
            "has no private key in PEM (-----BEGIN PRIVATE KEY-----)");
  std::string cut = good.key;
  cut.erase(cut.size() / 2, 1);
  EXPECT_EQ(problem_of_key(good.certificate, cut), "has a private key that cannot be read");
  EXPECT_EQ(problem_of_key(good.certificate, pki::to_pem(*pki::key_of(good), "password")),
            "is encrypted: a key without a password is needed");
}

TEST(CertificateBundle, HasAuthoritiesOnly) {
  const auto one = make({.authority = true, .common_name = "one"});
  const auto other = make({.authority = true, .common_name = "other"});
  const auto both = read_bundle(one.certificate + other.certificate);
  ASSERT_TRUE(both.has_value()) << both.error().detail;
  EXPECT_EQ(both->certificates, 2U);
  EXPECT_EQ(both->pem, one.certificate + other.certificate);
  EXPECT_EQ(both->fingerprint, read_bundle("x\n" + one.certificate + "y\n" + other.certificate)->fingerprint);
  EXPECT_NE(both->fingerprint, read_bundle(one.certificate)->fingerprint);
  EXPECT_EQ(problem_of_bundle(one.certificate + make({}).certificate),
            "has a certificate that is no authority's: number 2");
  EXPECT_EQ(problem_of_bundle("nothing"), "has no certificate in PEM (-----BEGIN CERTIFICATE-----)");
}

TEST(CertificateRevocations, AreListsAloneAndWrittenAnew) {
  const support::Authority one("one");
  const support::Authority other("other");
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
