// SPDX-License-Identifier: Apache-2.0
#include "commands/redacted.hpp"

#include <gtest/gtest.h>

namespace sallyport::commands {
namespace {

using Kind = model::TextMatch::Kind;

TEST(Redacted, NamesTellWhatIsASecret) {
  for (const std::string_view name : {"authorization", "Authorization", "proxy-authorization", "cookie", "x-api-key",
                                      "API-Key", "x-auth-token", "client_secret", "x-password", "set-cookie"}) {
    EXPECT_TRUE(names_a_secret(name)) << name;
  }
  for (const std::string_view name : {"", "accept", "x-canary", "x-cookies-allowed", "host", "x-tok"}) {
    EXPECT_FALSE(names_a_secret(name)) << name;
  }
}

// echo -n foo | sha256sum
TEST(Redacted, AFingerprintIsTheBeginOfSha256) { EXPECT_EQ(fingerprint("foo"), "sha256:2c26b46b"); }

TEST(Redacted, OnlyASecretsValueIsHidden) {
  EXPECT_EQ(shown_value("x-canary", "foo"), "foo");
  EXPECT_EQ(shown_value("x-api-key", "foo"), "sha256:2c26b46b");
}

TEST(Redacted, PredicatesHideTheirSecretsHoweverDeep) {
  const model::Predicate key{model::HeaderIs{"x-api-key", {Kind::exact, "foo"}}};
  EXPECT_EQ(shown(key), "header \"x-api-key\" = \"sha256:2c26b46b\"");
  EXPECT_EQ(shown({model::HeaderIs{"x-api-key", {Kind::regex, "foo"}}}), "header \"x-api-key\" ~ \"sha256:2c26b46b\"");
  EXPECT_EQ(shown({model::HeaderIs{"x-api-key", {}}}), "header \"x-api-key\" is there");
  EXPECT_EQ(shown({model::QueryIs{"token", {Kind::exact, "foo"}}}), "query \"token\" = \"sha256:2c26b46b\"");
  EXPECT_EQ(shown({model::HeaderIs{"x-canary", {Kind::exact, "on"}}}), "header \"x-canary\" = \"on\"");
  for (const model::Predicate& deep : {model::Predicate{model::Not{{key}}}, model::Predicate{model::AllOf{{key, key}}},
                                       model::Predicate{model::AnyOf{{model::Predicate{model::Not{{key}}}}}}}) {
    EXPECT_EQ(shown(deep).find("foo"), std::string::npos) << shown(deep);
    EXPECT_NE(shown(deep).find("2c26b46b"), std::string::npos) << shown(deep);
  }
}

TEST(Redacted, AnIdHidesWhatThePredicatesInItHide) {
  model::Rule rule;
  rule.predicates = {{model::HeaderIs{"x-canary", {Kind::exact, "on"}}},
                     {model::HeaderIs{"x-key", {Kind::exact, "foo"}}}};
  rule.id = "GateRoute shop/web (header \"x-canary\" = \"on\" and header \"x-key\" = \"foo\")";
  EXPECT_EQ(shown_id(rule),
            "GateRoute shop/web (header \"x-canary\" = \"on\" and header \"x-key\" = \"sha256:2c26b46b\")");
}

}  // namespace
}  // namespace sallyport::commands
