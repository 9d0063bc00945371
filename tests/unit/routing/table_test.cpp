// SPDX-License-Identifier: Apache-2.0
#include "routing/table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/text.hpp"
#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

using Ids = std::vector<std::string>;

TEST(Table, EveryRuleThatFitsIsACandidateInRankOrder) {
  const Table table({rule("", "*", 9), rule("", "/", 5), rule("", "/a", 3), rule("", "=/a/b", 1), rule("", "/a/b", 2),
                     rule("", "/c", 0)});
  EXPECT_EQ(all_of(table.find("h", "/a/b")), (Ids{"=/a/b", "/a/b", "/a", "/", "*"}));
  EXPECT_EQ(all_of(table.find("h", "/a/b/")), (Ids{"/a/b", "/a", "/", "*"}));
  EXPECT_EQ(all_of(table.find("h", "/x")), (Ids{"/", "*"}));
}

// The rank decides, not how narrow host or path is.
TEST(Table, RankOrderGoesOverHostsAndPaths) {
  const Table table(
      {rule("a.example", "/a", 7), rule("*.example", "/a/b", 5), rule("", "/", 6), rule("a.example", "/", 4)});
  EXPECT_EQ(all_of(table.find("a.example", "/a/b")), (Ids{"a.example/", "*.example/a/b", "/", "a.example/a"}));
}

TEST(Table, ARuleForAPathTwiceIsTwoCandidates) {
  const auto later = rule("", "/a", 2);
  later->model.id = "later";
  const Table table({later, rule("", "/a", 1)});
  EXPECT_EQ(all_of(table.find("", "/a")), (Ids{"/a", "later"}));
}

TEST(Table, AWildcardHostStandsForOneLabel) {
  const Table table({rule("*.example.com", "/")});
  EXPECT_EQ(all_of(table.find("a.example.com", "/")).size(), 1U);
  for (const std::string_view host : {"example.com", "a.b.example.com", ".example.com", "com", "", "aexample.com"}) {
    EXPECT_TRUE(all_of(table.find(host, "/")).empty()) << host;
  }
}

TEST(Table, AHostThatIsEmptyFitsOnlyRulesForAnyHost) {
  const Table table({rule("a.example", "/", 1), rule("", "/", 2)});
  EXPECT_EQ(all_of(table.find("", "/")), Ids{"/"});
}

TEST(Table, KnowsWhetherSomeHostFitted) {
  const Table table({rule("a.example", "/a"), rule("*.b.example", "/a")});
  EXPECT_TRUE(table.find("a.example", "/x").host_known());
  EXPECT_TRUE(table.find("x.b.example", "/x").host_known());
  EXPECT_FALSE(table.find("c.example", "/a").host_known());
  EXPECT_TRUE(Table({rule("", "/a")}).find("c.example", "/x").host_known());
  EXPECT_FALSE(Table({}).find("c.example", "/x").host_known());
}

TEST(Table, AHostThatDoesNotFallThroughAsksNoWiderOne) {
  const auto stays = rule("a.example", "/a", 5);
  stays->model.falls_through = false;
  const Table table({stays, rule("*.example", "/", 1), rule("", "/", 2)});
  EXPECT_EQ(all_of(table.find("a.example", "/a")), Ids{"a.example/a"});
  EXPECT_TRUE(all_of(table.find("a.example", "/b")).empty());
  EXPECT_EQ(all_of(table.find("b.example", "/b")), (Ids{"*.example/", "/"}));
}

TEST(Table, MoreListsThanUsualAreKeptToo) {
  Rules rules;
  std::string path;
  Ids expected;
  for (std::uint64_t i = 0; i < 40; ++i) {
    path += "/a";
    rules.push_back(rule("", path, 100 - i));
    expected.insert(expected.begin(), path);
  }
  EXPECT_EQ(all_of(Table(rules).find("", path)), expected);
}

TEST(Table, EachRuleSeesTheFormOfThePathThatItAsksFor) {
  const auto merged = rule("", "=/a/b", 1);
  const auto unmerged = rule("", "=/a//b", 2);
  const auto other = rule("", "=/a/b", 3);  // never: it asks for the other form
  unmerged->model.path_options.merge_slashes = other->model.path_options.merge_slashes = false;
  const Table table({merged, unmerged, other});
  Candidates candidates = table.find("", "/a/b", "/a//b");
  Candidate one = candidates.next();
  EXPECT_EQ(one.rule, merged.get());
  EXPECT_FALSE(one.unmerged);
  one = candidates.next();
  EXPECT_EQ(one.rule, unmerged.get());
  EXPECT_TRUE(one.unmerged);
  EXPECT_EQ(candidates.next().rule, nullptr);
}

TEST(Table, WithoutRunsOfSlashesBothFormsAreTheSame) {
  const auto unmerged = rule("", "=/a/b", 1);
  unmerged->model.path_options.merge_slashes = false;
  EXPECT_EQ(all_of(Table({unmerged}).find("", "/a/b")), Ids{"=/a/b"});
}

// The same, asked of every rule in turn.
class Naive {
 public:
  explicit Naive(Rules rules) : rules_(std::move(rules)) {
    std::ranges::sort(rules_, {}, [](const RulePtr& one) { return one->model.rank; });
  }

  Ids all(std::string_view host, std::string_view path, std::string_view unmerged) const {
    Ids ids;
    for (const RulePtr& one : rules_) {
      const bool asks_unmerged = !unmerged.empty() && !one->model.path_options.merge_slashes;
      if (host_fits(one->model.host, host) && !is_hidden(one->model.host, host) &&
          path_fits(one->model.path, asks_unmerged ? unmerged : path)) {
        ids.push_back(one->model.id);
      }
    }
    return ids;
  }

 private:
  using Host = model::HostPattern;

  static bool host_fits(const Host& pattern, std::string_view host) {
    if (pattern.kind == Host::Kind::any) return true;
    if (pattern.kind == Host::Kind::exact) return pattern.name == host;
    const auto dot = host.find('.');
    return dot != host.npos && dot != 0 && host.substr(dot + 1) == pattern.name;
  }
  // By a narrower host that fits and does not fall through.
  bool is_hidden(const Host& pattern, std::string_view host) const {
    return std::ranges::any_of(rules_, [&](const RulePtr& one) {
      return one->model.host.kind < pattern.kind && !one->model.falls_through && host_fits(one->model.host, host);
    });
  }
  static bool path_fits(const model::PathMatch& match, std::string_view path) {
    switch (match.kind) {
      case model::PathMatch::Kind::any:
        return true;
      case model::PathMatch::Kind::exact:
        return match.value == path;
      case model::PathMatch::Kind::element_prefix:
        return path.starts_with(match.value) && (path.size() == match.value.size() || path[match.value.size()] == '/');
    }
    return false;
  }

  Rules rules_;
};

TEST(Table, FindsWhatALinearSearchFinds) {
  std::mt19937 random(20261124);
  const auto below = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random()) % end; };
  const auto any_path = [&] {
    constexpr std::array elements = {"a", "b", "ab", "", "%20"};
    std::string path;
    for (std::uint32_t left = below(4) + 1; left != 0; --left) path += text::cat("/", elements[below(elements.size())]);
    return path;
  };
  constexpr std::array hosts = {"a.example", "b.example", "x.a.example", "example", ""};
  constexpr std::array patterns = {"a.example", "x.a.example", "*.example", "*.a.example", ""};
  std::size_t found = 0;
  for (int round = 0; round < 300; ++round) {
    Rules rules;
    for (std::uint32_t left = below(30); left != 0; --left) {
      const std::string prefix = below(5) == 0 ? "*" : below(3) == 0 ? "=" : "";
      std::string path = prefix == "*" ? prefix : prefix + any_path();
      if (prefix.empty() && path.ends_with('/')) path = path.size() == 1 ? "/" : path + "a";
      const auto made = rule(patterns[below(patterns.size())], path, below(5));
      made->model.falls_through = below(8) != 0;
      made->model.path_options.merge_slashes = below(4) != 0;
      made->model.rank.index = left;
      made->model.id = std::to_string(left);
      rules.push_back(made);
    }
    const Table table(rules);
    const Naive naive(rules);
    for (int i = 0; i < 40; ++i) {
      const std::string host = hosts[below(hosts.size())];
      const std::string path = any_path();
      const std::string unmerged = below(3) == 0 ? any_path() : "";
      const Ids expected = naive.all(host, path, unmerged);
      ASSERT_EQ(all_of(table.find(host, path, unmerged)), expected) << "round " << round << ": " << host << path;
      found += expected.size();
    }
  }
  EXPECT_GT(found, 10'000U) << "the rules hardly ever fit: nothing was tested";
}

}  // namespace
}  // namespace sallyport::routing
