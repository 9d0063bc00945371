// SPDX-License-Identifier: Apache-2.0
#include "routing/path_tree.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

RuleRef compiled(std::string_view path, std::uint64_t rank = 0) {
  return make_counted<const Rule>(shared(model_rule("", path, rank)));
}

void add(PathTree& tree, const RuleRef& rule) { tree.add(path_key(*rule), rule); }
void remove(PathTree& tree, const RuleRef& rule) { tree.remove(path_key(*rule), *rule); }

// What the tree finds on the way of a path: ids, the shortest key first.
Ids found(const PathTree& tree, std::string_view path) {
  Ids ids;
  tree.find<false>(path, [&](std::span<const Listed> rules, const RuleList& list, std::size_t size) {
    for (; !rules.empty(); rules = list.after(*rules.back().rule)) {
      for (const Listed& one : rules) {
        if (PathTree::may_fit(one.traits.shape, path, size)) ids.push_back(one.rule->model.id);
      }
    }
  });
  return ids;
}

TEST(PathTree, FindsEveryBeginningOfAPath) {
  PathTree tree;
  EXPECT_TRUE(tree.empty());
  EXPECT_TRUE(found(tree, "/a").empty());
  for (const std::string_view path : {"/a/b/c", "*", "/a", "/ab", "/a/b", "=/a/b", "/x", "^/a/b", "/a/bc"}) {
    add(tree, compiled(path));
  }
  EXPECT_EQ(found(tree, "/a/b"), (Ids{"*", "/a", "/a/b", "=/a/b", "^/a/b"}));
  EXPECT_EQ(found(tree, "/a/bd"), (Ids{"*", "/a", "^/a/b"}));
  EXPECT_EQ(found(tree, "/"), Ids{"*"});
}

TEST(PathTree, RulesOfOneKeyAreInOrder) {
  PathTree tree;
  const RuleRef third = compiled("/a", 3);
  add(tree, third);
  add(tree, compiled("^/a", 1));
  add(tree, compiled("=/a", 2));
  EXPECT_EQ(found(tree, "/a"), (Ids{"^/a", "=/a", "/a"}));
  remove(tree, third);
  EXPECT_EQ(found(tree, "/a"), (Ids{"^/a", "=/a"}));
}

TEST(PathTree, ReadsEitherCaseWhenAsked) {
  PathTree tree;
  add(tree, compiled("i:^/ab"));
  int times = 0;
  tree.find<true>("/aBC", [&](auto rules, const auto& /*list*/, std::size_t size) {
    EXPECT_EQ(rules.size(), 1U);
    EXPECT_EQ(size, 3U);
    ++times;
  });
  tree.find<false>("/aBC", [&](auto, const auto& /*list*/, std::size_t) { ++times; });
  EXPECT_EQ(times, 1);
}

TEST(PathTree, ACopyDoesNotSeeLaterChanges) {
  PathTree tree;
  add(tree, compiled("/a/b"));
  const RuleRef second = compiled("/a/c");
  add(tree, second);
  const PathTree copy = tree;
  add(tree, compiled("/a"));
  remove(tree, second);
  add(tree, compiled("^/a/b", 9));
  EXPECT_EQ(found(copy, "/a/c"), Ids{"/a/c"});
  EXPECT_EQ(found(copy, "/a/b"), Ids{"/a/b"});
  EXPECT_EQ(found(tree, "/a/b"), (Ids{"/a", "/a/b", "^/a/b"}));
}

TEST(PathTree, HistoryLeavesNothing) {
  std::mt19937 random(6);
  const auto below = [&](std::size_t end) { return random() % end; };
  const std::int64_t empty = node_counts().alive;
  std::map<std::string, RuleRef> all;
  for (int i = 0; i < 400; ++i) {
    std::string path = below(3) == 0 ? "=" : below(2) == 0 ? "^" : "";
    for (std::size_t left = below(5) + 1; left != 0; --left)
      path.append("/").append(std::string(below(3) + 1, "ab"[below(2)]));
    all.emplace(path, compiled(path, below(3)));
  }
  const std::int64_t with_rules = node_counts().alive;
  std::map<std::string, RuleRef> there;
  PathTree tree;
  for (int i = 0; i < 4'000; ++i) {
    const auto one = std::next(all.begin(), static_cast<std::ptrdiff_t>(below(all.size())));
    const PathTree before = i % 3 == 0 ? tree : PathTree();  // so that some nodes are shared and some are not
    if (there.erase(one->first) != 0) {
      remove(tree, one->second);
    } else {
      there.insert(*one);
      add(tree, one->second);
    }
    if (i % 100 != 0) continue;
    const std::int64_t nodes = node_counts().alive;
    PathTree fresh;
    for (const auto& [path, rule] : there) add(fresh, rule);
    const std::int64_t of_fresh = node_counts().alive - nodes;
    if (before.empty()) {
      ASSERT_EQ(nodes - with_rules, of_fresh);
    }
    for (const auto& [path, rule] : all) {
      const std::string text = rule->model.path.value + "/a";
      ASSERT_EQ(found(tree, text), found(fresh, text));
    }
  }
  for (const auto& [path, rule] : there) remove(tree, rule);
  EXPECT_TRUE(tree.empty());
  all.clear();
  there.clear();
  EXPECT_EQ(node_counts().alive, empty);
}

// Neither long paths nor many nested ones need stack, to be added, found, or to go.
TEST(PathTree, LongPathsNeedNoStack) {
  std::string path;
  PathTree tree;
  for (int i = 0; i < 3'000; ++i) add(tree, compiled(path += "/a"));
  while (path.size() < 400'000) path += "/a";
  const RuleRef last = compiled(path);
  add(tree, last);
  EXPECT_EQ(found(tree, path + "/b").size(), 3'001U);
  remove(tree, last);
  EXPECT_EQ(found(tree, path).size(), 3'000U);
}

TEST(PathTree, AChangeCopiesOnlyTheWayToIt) {
  PathTree tree;
  for (int i = 0; i < 5'000; ++i) add(tree, compiled("/team-" + std::to_string(i)));
  const RuleRef one = compiled("/team-777/x");
  const PathTree copy = tree;
  const std::uint64_t made = node_counts().made;
  add(tree, one);
  EXPECT_LE(node_counts().made - made, 7U);
}

}  // namespace
}  // namespace sallyport::routing
