// SPDX-License-Identifier: Apache-2.0
#include "proxy/explain_field.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::proxy {
namespace {

std::shared_ptr<model::Rule> rule(std::string path) {
  auto made = std::make_shared<model::Rule>();
  made->path = {.kind = model::PathMatch::Kind::exact, .value = std::move(path)};
  made->origin = {.object = {"", "Thing", "shop", "web"}, .file = "web.yaml", .line = 7, .field = "spec"};
  return made;
}

routing::Explanation explanation() {
  routing::Explanation all;
  all.version = 3;
  all.listener = std::make_shared<const model::Listener>(model::Listener{.id = "web"});
  return all;
}

TEST(ExplainField, IsADictionaryOfQuotedTexts) {
  const auto taken = rule("a \"b\" \\ 100% \xc3\xbc\n");
  EXPECT_EQ(
      explain_field(explanation(), {.rule = taken.get(), .prefix = "/a"}),
      R"(listener="web", version=3, rule="Thing shop/web * exact a \"b\" \\ 100%25 %c3%bc%0a", at="web.yaml:7:spec", prefix="/a")");
}

TEST(ExplainField, LongTextsAreCut) {
  const auto taken = rule(std::string(2000, 'x'));
  const std::string field = explain_field(explanation(), {.rule = taken.get()});
  EXPECT_LT(field.size(), 700U);
  EXPECT_NE(field.find("xxx...\""), std::string::npos);
}

TEST(ExplainField, NamesTheNearestThatWereBeatenAndCountsTheRest) {
  routing::Explanation all = explanation();
  all.rule = rule("winner");
  for (const char* id : {"one", "two", "three", "four"}) {
    all.losers.push_back({.rule = rule(id), .beaten_by = model::Decision::path});
  }
  all.losers.insert(all.losers.begin(), {.rule = rule("unfit"), .verdict = routing::Verdict::predicate});
  const std::string field = explain_field(all, {.rule = all.rule.get()});
  EXPECT_NE(
      field.find(
          R"(beat="Thing shop/web * exact one (web.yaml:7): a more specific path", beat2="Thing shop/web * exact two )"),
      std::string::npos)
      << field;
  EXPECT_NE(field.find("beat3=\"Thing shop/web * exact three "), std::string::npos);
  EXPECT_TRUE(field.ends_with(", more=2")) << field;
}

TEST(ExplainField, TheShareOfADestinationAndItsChainAreSaid) {
  routing::Explanation all = explanation();
  all.rule = rule("winner");
  all.chain = {"modify-headers"};
  all.weights = 10;
  all.destinations.push_back({.weight = 9, .backend = "a"});
  all.destinations.push_back({.weight = 1, .is_chosen = true, .backend = "b", .chain = {"modify-headers"}});
  const std::string field = explain_field(all, {.rule = all.rule.get(), .backend = "b"});
  EXPECT_TRUE(field.ends_with(R"(chain="modify-headers", backend="b", share="1/10", backend-chain="modify-headers")"))
      << field;
}

}  // namespace
}  // namespace sallyport::proxy
