// SPDX-License-Identifier: Apache-2.0

#include "syntax/header_name.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace sallyport::syntax {
namespace {

std::vector<HeaderId> all_ids() {
  std::vector<HeaderId> all;
  for (std::size_t index = 1; index < header_id_count; ++index) all.push_back(static_cast<HeaderId>(index));
  return all;
}

std::string upper(std::string_view text) {
  std::string all(text);
  for (char& c : all) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  }
  return all;
}

// content-length is Content-Length.
std::string capitalised(std::string_view text) {
  std::string all(text);
  for (std::size_t at = 0; at < all.size(); ++at) {
    if (at == 0 || all[at - 1] == '-') all[at] = upper(all.substr(at, 1))[0];
  }
  return all;
}

TEST(HeaderId, IsFoundInEveryCase) {
  for (const HeaderId id : all_ids()) {
    const std::string_view name = name_of(id);
    ASSERT_FALSE(name.empty());
    EXPECT_EQ(header_id(name), id) << name;
    EXPECT_EQ(header_id(upper(name)), id) << name;
    EXPECT_EQ(header_id(capitalised(name)), id) << name;
  }
}

TEST(HeaderId, NamesDifferAndAreLowerCase) {
  std::set<std::string_view> seen;
  for (const HeaderId id : all_ids()) {
    EXPECT_TRUE(seen.insert(name_of(id)).second) << name_of(id);
    EXPECT_TRUE(std::ranges::none_of(name_of(id), [](char c) { return c >= 'A' && c <= 'Z'; })) << name_of(id);
  }
  EXPECT_EQ(name_of(HeaderId::other), "");
}

TEST(HeaderId, TheTableNamesWhatTheEnumeratorSays) {
  EXPECT_EQ(name_of(HeaderId::host), "host");
  EXPECT_EQ(name_of(HeaderId::te), "te");
  EXPECT_EQ(name_of(HeaderId::x_forwarded_for), "x-forwarded-for");
  EXPECT_EQ(name_of(HeaderId::sec_fetch_mode), "sec-fetch-mode");
  EXPECT_EQ(name_of(HeaderId::sec_fetch_site), "sec-fetch-site");
  EXPECT_EQ(name_of(HeaderId::x_requested_with), "x-requested-with");
}

TEST(HeaderId, NearMissesAreOther) {
  for (const HeaderId id : all_ids()) {
    const std::string name(name_of(id));
    EXPECT_EQ(header_id(name + "s"), HeaderId::other) << name;
    EXPECT_EQ(header_id(name + " "), HeaderId::other) << name;
    EXPECT_EQ(header_id(name + std::string(1, '\0')), HeaderId::other) << name;
    EXPECT_EQ(header_id("q" + name), HeaderId::other) << name;
    for (std::size_t at = 0; at < name.size(); ++at) {
      std::string other = name;
      other[at] = '#';
      EXPECT_EQ(header_id(other), HeaderId::other) << other;
      other[at] = static_cast<char>(name[at] ^ 0x20);  // a letter in upper case, or another character
      const bool letter = name[at] >= 'a' && name[at] <= 'z';
      EXPECT_EQ(header_id(other), letter ? id : HeaderId::other) << other;
      other[at] = static_cast<char>(name[at] | 0x80);
      EXPECT_EQ(header_id(other), HeaderId::other) << other;
    }
  }
  for (const auto* name : {"", "t", "hos", "x", "x-forwarded", "content_length", "sec-fetch-mods", "-"}) {
    EXPECT_EQ(header_id(name), HeaderId::other) << name;
  }
  EXPECT_EQ(header_id(std::string(100'000, 'a')), HeaderId::other);
}

TEST(AliasId, ReadsUnderscoreAsHyphen) {
  for (const HeaderId id : all_ids()) {
    std::string name(name_of(id));
    EXPECT_EQ(alias_id(name), id);
    std::ranges::replace(name, '-', '_');
    EXPECT_EQ(alias_id(name), id) << name;
    EXPECT_EQ(alias_id(upper(name)), id) << name;
  }
  EXPECT_EQ(alias_id("X_Forwarded-For"), HeaderId::x_forwarded_for);
  EXPECT_EQ(alias_id("x_forwarded_fro"), HeaderId::other);
  EXPECT_EQ(header_id("X_Forwarded_For"), HeaderId::other);
}

std::set<std::string_view> names_where(bool (*predicate)(HeaderId)) {
  std::set<std::string_view> all;
  for (const HeaderId id : all_ids()) {
    if (predicate(id)) all.insert(name_of(id));
  }
  return all;
}

TEST(HopByHop, AreTheNamesOfRfc9110AndItsForerunners) {
  const std::set<std::string_view> expected = {"connection",
                                               "http2-settings",
                                               "keep-alive",
                                               "proxy-authenticate",
                                               "proxy-authorization",
                                               "proxy-connection",
                                               "te",
                                               "transfer-encoding",
                                               "trailer",
                                               "upgrade"};
  EXPECT_EQ(names_where(is_hop_by_hop), expected);
  EXPECT_FALSE(is_hop_by_hop(HeaderId::other));
}

const std::set<std::string_view> client_claims = {
    "forwarded",        "x-envoy-external-address", "x-forwarded-for",   "x-forwarded-host",
    "x-forwarded-port", "x-forwarded-prefix",       "x-forwarded-proto", "x-forwarded-server",
    "x-forwarded-ssl",  "x-original-url",           "x-real-ip",         "x-request-id",
    "x-rewrite-url",    "x-sallyport-explain"};

TEST(ClientClaims, AreWhatOnlyATrustedProxyMaySay) {
  EXPECT_EQ(names_where(is_client_claim), client_claims);
  EXPECT_FALSE(is_client_claim(HeaderId::other));
}

TEST(Managed, H1_14_AreTheClaimsHostFramingAndCredentials) {
  std::set<std::string_view> expected = client_claims;
  expected.insert({"host", "content-length", "transfer-encoding", "authorization", "cookie"});
  EXPECT_EQ(names_where(is_managed), expected);
  EXPECT_FALSE(is_managed(HeaderId::other));
}

TEST(Managed, A_1_NamesCountInEverySpelling) {
  for (const auto* name : {"X-Forwarded-User", "x_forwarded_user", "X-FORWARDED_Tls-Client-Cert", "X_Real_IP",
                           "forwarded", "ssl-client-verify", "SSL_CLIENT_S_DN", "X-SSL-Client-Cert", "x_ssl-client_dn",
                           "Client-Cert", "client_cert", "Client-Cert-Chain"}) {
    EXPECT_TRUE(is_managed_name(name)) << name;
    EXPECT_TRUE(is_client_claim_name(name)) << name;
  }
  EXPECT_TRUE(is_managed_name("Content_Length"));
  EXPECT_FALSE(is_client_claim_name("Content_Length"));
  for (const auto* name : {"x-forwarded-", "x-forwarded", "x-forwarder-for", "accept", "xforwarded-for", "",
                           "ssl-client-", "ssl-clients", "client-certs", "client-cer", "x-ssl-cipher"}) {
    EXPECT_FALSE(is_managed_name(name)) << name;
    EXPECT_FALSE(is_client_claim_name(name)) << name;
  }
}

}  // namespace
}  // namespace sallyport::syntax
