// SPDX-License-Identifier: Apache-2.0
// What a look-up finds against what a linear search finds, after random edits; and that history leaves nothing.

#include "routing/table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "base/text.hpp"
#include "unit/routing/rules.hpp"

namespace sallyport::routing {
namespace {

// Every rule asked in turn.
class Naive {
 public:
  explicit Naive(std::vector<model::Rule> rules) : rules_(std::move(rules)) {
    std::ranges::sort(rules_, {}, [](const model::Rule& one) { return std::tie(one.rank, one.id); });
  }

  Ids all(const Asked& asked, const model::Id& listener) const {
    Ids ids;
    for (const model::Rule& one : rules_) {
      if (in_scope(one, listener) && host_fits(one.host, asked.head.host) &&
          !is_hidden(one, asked.head.host, listener) && path_fits(one, asked.head) && predicates_hold(one, asked)) {
        ids.push_back(one.id);
      }
    }
    return ids;
  }

 private:
  using Host = model::HostPattern;

  static bool in_scope(const model::Rule& rule, const model::Id& listener) {
    return rule.listeners.empty() || std::ranges::find(rule.listeners, listener) != rule.listeners.end();
  }
  static bool host_fits(const Host& pattern, std::string_view host) {
    const bool below = host.ends_with("." + pattern.name) && host.size() > pattern.name.size() + 1;
    switch (pattern.kind) {
      case Host::Kind::exact:
        return pattern.name == host;
      case Host::Kind::one_label:
        return below && host.find('.') == host.size() - pattern.name.size() - 1;
      case Host::Kind::any_labels:
        return below;
      case Host::Kind::regex:
        return syntax::Regex::compile(pattern.name)->fits(host);
      case Host::Kind::any:
        break;
    }
    return true;
  }
  // How narrow a pattern that fits the host is: the greater the wider.
  static std::size_t width(const Host& pattern, std::string_view host) {
    switch (pattern.kind) {
      case Host::Kind::exact:
        return 0;
      case Host::Kind::one_label:
        return 1;
      case Host::Kind::any_labels:
        return 2 + host.size() - pattern.name.size();
      case Host::Kind::regex:
        return 1'000;
      case Host::Kind::any:
        break;
    }
    return 1'001;
  }
  bool is_hidden(const model::Rule& rule, std::string_view host, const model::Id& listener) const {
    return std::ranges::any_of(rules_, [&](const model::Rule& one) {
      return !one.falls_through && one.rank.tier == rule.rank.tier && in_scope(one, listener) &&
             host_fits(one.host, host) && width(one.host, host) < width(rule.host, host);
    });
  }
  static std::string lower(std::string_view text) {
    std::string all(text);
    for (char& c : all) c = static_cast<char>(std::tolower(c));
    return all;
  }
  static bool path_fits(const model::Rule& rule, const http::RequestHead& head) {
    const bool asks_unmerged = !head.unmerged_path.empty() && !rule.path_options.merge_slashes;
    std::string path(asks_unmerged ? head.unmerged_path : head.path);
    std::string value = rule.path.value;
    if (rule.path.kind == model::PathMatch::Kind::regex) {
      return syntax::Regex::compile(value, rule.path.ignore_case)->fits(path);
    }
    if (rule.path.ignore_case) {
      path = lower(path);
      value = lower(value);
    }
    switch (rule.path.kind) {
      case model::PathMatch::Kind::exact:
        return path == value;
      case model::PathMatch::Kind::element_prefix:
        return path == value || path.starts_with(value + "/");
      case model::PathMatch::Kind::byte_prefix:
        return path.starts_with(value);
      case model::PathMatch::Kind::regex:
      case model::PathMatch::Kind::any:
        break;
    }
    return true;
  }
  static bool predicates_hold(const model::Rule& rule, const Asked& asked) {
    Regexes regexes;
    Facts facts{asked.head, asked.client};
    return std::ranges::all_of(rule.predicates,
                               [&](const model::Predicate& one) { return Condition(one, regexes).holds(facts); });
  }

  std::vector<model::Rule> rules_;
};

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t end) { return random_() % end; }
  template <class T, std::size_t Size>
  const T& one_of(const std::array<T, Size>& all) {
    return all[below(Size)];
  }
  std::string path() {
    constexpr std::array<std::string_view, 6> elements{"a", "b", "ab", "", "%20", "A"};
    std::string made;
    for (std::size_t left = below(4) + 1; left != 0; --left) made += text::cat("/", one_of(elements));
    return made;
  }
  model::Rule rule(std::size_t number) {
    constexpr std::array<std::string_view, 10> hosts{"a.example", "x.a.example", "*.example",    "*.a.example", "",
                                                     "~.*ample",  "**.example",  "**.a.example", "~[xy]\\..*",  ""};
    constexpr std::array<std::string_view, 5> expressions{"~/a.*", "~.*b", "i:~/A+", "~/a/b?", "~/.*"};
    std::string text = path();
    switch (below(8)) {
      case 0:
        text = "*";
        break;
      case 1:
        text = one_of(expressions);
        break;
      case 2:
      case 3:
        text = text::cat("=", text);
        break;
      case 4:
        text = text::cat("^", text);
        break;
      default:
        while (text.size() > 1 && text.ends_with('/')) text.pop_back();
    }
    if (below(4) == 0 && !text.starts_with("i:")) text = text::cat("i:", text);
    model::Rule made = model_rule(one_of(hosts), text, below(6));
    made.id = std::to_string(number);
    made.rank.tier = static_cast<std::uint8_t>(1 + below(3) / 2);
    made.rank.words[1] = below(2);
    made.rank.name = std::string(below(2), 'n');
    made.falls_through = below(8) != 0;
    made.path_options.merge_slashes = below(4) != 0;
    if (below(4) == 0) made.predicates = {{model::HeaderIs{.name = "x-a", .value = {}}}};
    if (below(8) == 0) made.predicates.push_back({model::Not{{{model::MethodIs{{"GET"}}}}}});
    constexpr std::array<std::string_view, 4> scopes{"", "", "l", "k"};
    if (const auto scope = one_of(scopes); !scope.empty()) made.listeners = {std::string(scope)};
    if (below(8) == 0) made.listeners = {"k", "l"};
    return made;
  }

 private:
  std::mt19937 random_;
};

void ask(Dice& dice, const Routes& routes, const Naive& naive, std::size_t& found) {
  constexpr std::array<std::string_view, 7> hosts{
      "a.example", "b.example", "x.a.example", "y.x.a.example", "y.b.example", "example", ""};
  const std::string path = dice.path();
  const std::string unmerged = dice.below(3) == 0 ? dice.path() : "";
  Asked asked(dice.one_of(hosts), path, unmerged);
  if (dice.below(2) == 0) {
    ASSERT_TRUE(asked.head.fields.add("X-A", "1"));
  }
  if (dice.below(4) == 0) asked.head.method_text = "PUT";
  for (const char* listener : {"l", "k"}) {
    const Ids expected = naive.all(asked, listener);
    ASSERT_EQ(routes.all(asked, listener), expected) << asked.head.host << path << " " << unmerged;
    found += expected.size();
  }
}

void add_listener(Routes& routes, std::string id) {
  model::Delta delta;
  delta.listeners.changed = {std::make_shared<const model::Listener>(
      model::Listener{.id = std::move(id), .addresses = {}, .chain = {}, .origin = {}})};
  routes.apply(std::move(delta));
}

TEST(Table, FindsWhatALinearSearchFindsAfterRandomEdits) {
  Dice dice(20261127);
  std::size_t found = 0;
  for (int round = 0; round < 40; ++round) {
    const std::int64_t empty = node_counts().alive;
    const std::int64_t empty_bytes = node_counts().bytes;
    std::map<std::string, model::Rule> rules;
    Routes routes;
    add_listener(routes, "k");
    for (int edit = 0; edit < 30; ++edit) {
      model::Delta delta;
      for (std::size_t left = dice.below(4); left != 0; --left) {
        const std::string id = std::to_string(dice.below(60));
        delta.rules.removed.push_back(id);
        rules.erase(id);
      }
      for (std::size_t left = dice.below(8); left != 0; --left) {
        model::Rule rule = dice.rule(dice.below(60));
        delta.rules.changed.push_back(shared(rule));
        rules.insert_or_assign(rule.id, std::move(rule));
      }
      routes.apply(std::move(delta));
      std::vector<model::Rule> all;
      for (const auto& [id, rule] : rules) all.push_back(rule);
      const Naive naive(all);
      for (int i = 0; i < 4; ++i) ask(dice, routes, naive, found);
      if (HasFatalFailure()) return;
      if (edit % 10 != 0) continue;
      routes.compiler.free_retired();
      const std::int64_t nodes = node_counts().alive;
      const std::int64_t bytes_before = node_counts().bytes;
      Routes fresh;
      add_listener(fresh, "k");
      fresh.put(all);
      fresh.compiler.free_retired();
      ASSERT_EQ(node_counts().alive - nodes, nodes - empty) << "history leaves nothing";
      ASSERT_EQ(node_counts().bytes - bytes_before, bytes_before - empty_bytes);
    }
  }
  EXPECT_GT(found, 5'000U) << "the rules hardly ever fit: nothing was tested";
}

TEST(Table, EveryTierHasABit) {
  EXPECT_EQ(tier_bit(0), Tiers{1});
  EXPECT_EQ(tier_bit(63), Tiers{1} << 63U);
  EXPECT_EQ(tier_bit(255), tier_bit(63)) << "rather than none";
}

TEST(Table, KnowsHowManyLabelsItsWildcardsHave) {
  const auto rule = [](std::string_view host, std::string_view path) {
    return make_counted<const Rule>(shared(model_rule(host, path)));
  };
  const RuleRef first = rule("**.a.example", "/");
  const RuleRef second = rule("**.a.example", "/x");
  const RuleRef third = rule("**.b.example", "/");
  WildcardRules rules;
  for (const RuleRef& one : {first, second, third}) rules.add(one->model.host.name, one);
  EXPECT_TRUE(rules.labels().has(2));
  EXPECT_FALSE(rules.labels().has(1));
  EXPECT_FALSE(rules.labels().has(3));
  for (const RuleRef& one : {first, second}) rules.remove(one->model.host.name, *one);
  EXPECT_TRUE(rules.labels().has(2)) << "the third is left";
  rules.remove(third->model.host.name, *third);
  EXPECT_FALSE(rules.labels().any());
}

enum class Layout : std::uint8_t { many_hosts, one_host, one_key };

// Ten paths an Ingress, as a cluster has them: on a thousand hosts, or all on one; or all of one path and host, with
// other conditions each.
std::vector<model::Rule> layout(std::size_t count, Layout how) {
  std::vector<model::Rule> rules;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t ingress = i / 10;
    const std::string host =
        how == Layout::many_hosts ? text::cat("host-", ingress % 1'000, ".example.com") : "shop.example.com";
    const std::string number = std::to_string(ingress);
    const std::string team = std::string(4 - number.size(), '0') + number;
    const std::string path = how == Layout::one_key ? "/shop" : text::cat("/team-", team, "/app-", i % 10, "/v", i % 7);
    rules.push_back(model_rule(host, path, i));
    if (how != Layout::one_key) continue;
    rules.back().id = std::to_string(i);
    rules.back().predicates = {{model::MethodIs{{text::cat("M", i)}}}};
  }
  return rules;
}

// The most nodes made for one of some changes: a rule that changes, goes, comes, and comes to a new path or host.
std::uint64_t most_made(std::size_t count, Layout how) {
  const std::vector<model::Rule> rules = layout(count, how);
  Routes routes(rules);
  std::uint64_t most = 0;
  const auto made_by = [&](auto change) {
    const std::uint64_t before = node_counts().made;
    const std::int64_t bytes = node_counts().bytes;
    const SnapshotPtr held = routes.snapshot;
    change();
    most = std::max(most, node_counts().made - before);
    EXPECT_LT(node_counts().bytes - bytes, 64 * 1024) << "a node may not be all there is";
  };
  for (std::size_t i = 0; i < 100; ++i) {
    model::Rule rule = rules[i * count / 100];
    rule.rank.text = "changed";
    made_by([&] { routes.put({rule}); });
    made_by([&] { routes.remove({rule.id}); });
    made_by([&] { routes.put({rule}); });
    rule.path.value += "/more";
    rule.id = "new";
    made_by([&] { routes.put({rule}); });
    if (how == Layout::many_hosts) rule.host.name = "other.example.com";
    if (how == Layout::one_key) rule.path.value = "/shop";
    made_by([&] { routes.put({rule}); });
    made_by([&] { routes.remove({rule.id}); });
  }
  return most;
}

TEST(Table, AChangeMakesHardlyMoreNodesAmongFortyThousandRules) {
  for (const auto& [how, name] : {std::pair(Layout::many_hosts, "many_hosts"), std::pair(Layout::one_host, "one_host"),
                                  std::pair(Layout::one_key, "one_key")}) {
    const std::uint64_t small = most_made(100, how);
    const std::uint64_t large = most_made(40'000, how);
    EXPECT_LE(large, small + 4) << small << " and " << large << ", " << name;
    EXPECT_LE(large, 24U) << name;
    RecordProperty(name, std::to_string(large));
  }
}

// What workers do while the compiler's thread changes and frees; ThreadSanitizer watches.
TEST(Table, IsReadWhileItIsChanged) {
  const std::vector<model::Rule> rules = layout(300, Layout::one_key);
  std::mutex mutex;  // of what follows
  SnapshotPtr newest;
  bool ends = false;
  std::size_t walked = 0;
  std::atomic<std::size_t> told = 0;
  Compiler compiler([&told] { ++told; });
  const auto apply = [&](model::Delta delta) {
    SnapshotPtr made = compiler.apply(delta).snapshot;
    const std::lock_guard lock(mutex);
    newest.swap(made);
  };
  model::Delta first{.version = 1};
  first.listeners.changed = {
      std::make_shared<const model::Listener>(model::Listener{.id = "l", .addresses = {}, .chain = {}, .origin = {}})};
  for (const model::Rule& rule : rules) first.rules.changed.push_back(shared(rule));
  apply(std::move(first));
  std::thread worker([&] {
    const Asked asked("shop.example.com", "/shop/cart");
    for (;;) {
      SnapshotPtr mine;
      {
        const std::lock_guard lock(mutex);
        if (ends) return;
        ++walked;
        mine = newest;
      }
      Choice choice(*mine, *mine->listener("l"), asked.head, asked.client);
      std::size_t seen = 0;
      while (choice.step().rule != nullptr) ++seen;
      EXPECT_GE(seen, 299U);
      EXPECT_LE(seen, 300U);
    }
  });
  const auto walks = [&] {
    const std::lock_guard lock(mutex);
    return walked;
  };
  for (std::size_t i = 0; i < 1'000 || walks() < 100; ++i) {
    model::Delta delta{.version = i + 2};
    model::Rule rule = rules[i / 2 * 7 % rules.size()];
    if (i % 2 == 0) {
      delta.rules.removed = {rule.id};
    } else {
      rule.rank.text = std::to_string(i);
      delta.rules.changed = {shared(std::move(rule))};
    }
    apply(std::move(delta));
    compiler.free_retired();
  }
  {
    const std::lock_guard lock(mutex);
    ends = true;
  }
  worker.join();
  newest = nullptr;
  EXPECT_GT(told, 0U);
  compiler.free_retired();
  EXPECT_EQ(compiler.counts().snapshots, 1U) << "only the compiler's own";
}

}  // namespace
}  // namespace sallyport::routing
