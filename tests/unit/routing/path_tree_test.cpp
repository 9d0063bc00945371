// SPDX-License-Identifier: Apache-2.0
#include "routing/path_tree.hpp"

#include <gtest/gtest.h>

#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

// The prefix that the rule stands for when it fits; "(none)" when it does not.
std::string fit(std::string_view rule_path, std::string_view path) {
  PathTree tree;
  tree.add(rule("", rule_path));
  tree.finish();
  std::string found = "(none)";
  tree.find(path, [&](const Rules& rules, std::string_view prefix) {
    EXPECT_EQ(rules.size(), 1U);
    found = prefix;
  });
  return found;
}

constexpr std::string_view no = "(none)";

struct Case {
  std::string_view rule;
  std::string_view path;
  std::string_view prefix;
};

TEST(PathTree, APrefixCoversWholeElements) {
  for (const Case& one :
       {Case{"/shop", "/shop", "/shop"}, Case{"/shop", "/shop/", "/shop"}, Case{"/shop", "/shop/cart", "/shop"},
        Case{"/shop", "/shopping", no}, Case{"/shop", "/sho", no}, Case{"/shop", "/", no},
        Case{"/shop/cart", "/shop", no}, Case{"/shop/cart", "/shop/cart/1", "/shop/cart"}, Case{"/shop", "/a/shop", no},
        Case{"/shop", "/Shop", no}}) {
    EXPECT_EQ(fit(one.rule, one.path), one.prefix) << one.rule << " and " << one.path;
  }
}

TEST(PathTree, TheRootPrefixCoversEverything) {
  for (const std::string_view path : {"/", "/a", "/a/", "/a/b"}) EXPECT_EQ(fit("/", path), "") << path;
}

TEST(PathTree, ExactMeansThatPathOnly) {
  for (const Case& one : {Case{"=/shop", "/shop", "/shop"}, Case{"=/shop", "/shop/", no}, Case{"=/shop/", "/shop", no},
                          Case{"=/shop/", "/shop/", "/shop/"}, Case{"=/shop", "/shop/cart", no}, Case{"=/", "/", "/"},
                          Case{"=/", "/a", no}, Case{"=/a//b", "/a//b", "/a//b"}, Case{"=/a//b", "/a/b", no}}) {
    EXPECT_EQ(fit(one.rule, one.path), one.prefix) << one.rule << " and " << one.path;
  }
}

TEST(PathTree, AnyPathStandsForNoPartOfIt) {
  for (const std::string_view path : {"/", "/a", "/a/b/"}) EXPECT_EQ(fit("*", path), "") << path;
}

TEST(PathTree, FallsThroughUnlessARuleSaysNot) {
  PathTree tree;
  EXPECT_TRUE(tree.falls_through());
  const auto stays = rule("", "/a");
  stays->model.falls_through = false;
  tree.add(stays);
  tree.add(rule("", "/b"));
  EXPECT_FALSE(tree.falls_through());
}

// A path of very many elements needs no stack, neither to be added nor to go.
TEST(PathTree, DeepPathsNeedNoStack) {
  std::string deep;
  for (int i = 0; i < 300'000; ++i) deep += "/a";
  PathTree tree;
  tree.add(rule("", deep));
  tree.finish();
  std::string found;
  tree.find(deep + "/b", [&](const Rules&, std::string_view prefix) { found = prefix; });
  EXPECT_EQ(found.size(), deep.size());
}

}  // namespace
}  // namespace sallyport::routing
