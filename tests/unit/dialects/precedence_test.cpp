// SPDX-License-Identifier: Apache-2.0
#include "dialects/precedence.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::dialects {
namespace {

using Host = model::HostPattern;
using Path = model::PathMatch;

const Host exact{Host::Kind::exact, "a.example.com"};
const Host wide{Host::Kind::one_label, "com"};
const Host narrow{Host::Kind::one_label, "example.com"};
const Host any{};

Path prefix(std::string value) { return {Path::Kind::element_prefix, std::move(value)}; }
Path path(std::string value) { return {Path::Kind::exact, std::move(value)}; }

kube::Object object(std::string name, std::optional<std::int64_t> created = {}) {
  kube::Object made;
  made.ref = {"networking.k8s.io", "Ingress", "shop", std::move(name)};
  if (created) made.meta.creation_timestamp = kube::Timestamp{*created};
  return made;
}

model::Rank rank(const Host& host, const Path& of) { return standard_rank(host, of, object("web"), 0); }

TEST(StandardRank, ExactHostBeforeWildcardBeforeNone) {
  EXPECT_LT(rank(exact, {}), rank(narrow, path("/long/path")));
  EXPECT_LT(rank(narrow, {}), rank(any, path("/long/path")));
}

TEST(StandardRank, LongerWildcardFirst) { EXPECT_LT(rank(narrow, {}), rank(wide, path("/long/path"))); }

TEST(StandardRank, ExactPathBeforeLongestPrefixBeforeAny) {
  EXPECT_LT(rank(exact, path("/a")), rank(exact, prefix("/a/b/c")));
  EXPECT_LT(rank(exact, prefix("/a/b")), rank(exact, prefix("/a")));
  EXPECT_LT(rank(exact, prefix("")), rank(exact, {}));
}

TEST(StandardRank, TiesGoToTheOldestThenNameThenIndex) {
  const auto of = [](const kube::Object& from, std::uint32_t index) { return standard_rank(exact, {}, from, index); };
  EXPECT_LT(of(object("z", 10), 5), of(object("a", 20), 0));
  EXPECT_LT(of(object("z", 20), 5), of(object("a"), 0));
  EXPECT_LT(of(object("a"), 5), of(object("z"), 0));
  EXPECT_LT(of(object("a"), 0), of(object("a"), 1));
}

TEST(RuleGroup, IsSharedOnlyByRulesForTheVerySameRequests) {
  EXPECT_EQ(rule_group(1, exact, prefix("/a")), rule_group(1, exact, prefix("/a")));
  EXPECT_NE(rule_group(1, exact, prefix("/a")), rule_group(1, exact, path("/a")));
  EXPECT_NE(rule_group(1, exact, prefix("/a")), rule_group(2, exact, prefix("/a")));
  EXPECT_NE(rule_group(1, narrow, {}), rule_group(1, Host{Host::Kind::exact, "example.com"}, {}));
}

TEST(RuleId, DoesNotDependOnThePlaceInTheObject) {
  EXPECT_EQ(rule_id(object("web").ref, narrow, prefix("/a")), "Ingress shop/web *.example.com prefix /a");
}

}  // namespace
}  // namespace sallyport::dialects
