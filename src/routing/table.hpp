// SPDX-License-Identifier: Apache-2.0
// The rules of one scope, to be found by host and path. Persistent: a copy shares everything, and a change copies only
// what it touches. Choosing among what fits is choice.hpp's.
//
// Any thread may read; copying, changing and freeing belong to one (ref.hpp).

#pragma once

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "model/precedence.hpp"
#include "routing/hash_trie.hpp"
#include "routing/path_tree.hpp"
#include "routing/ref.hpp"
#include "routing/rule.hpp"
#include "routing/slot.hpp"

namespace sallyport::routing {

// Tiers of dialects, one bit each.
using Tiers = std::uint64_t;
inline constexpr unsigned tier_count = 64;
static_assert(model::standard_tier < tier_count, "every dialect's tier needs a bit of its own");
// Tiers that have no bit share the last: then one keeps requests from another, which is better than from nobody.
constexpr Tiers tier_bit(std::uint8_t tier) { return Tiers{1} << std::min<unsigned>(tier, tier_count - 1); }

// The tiers of which somebody keeps what none of his rules fits from going on to wider hosts.
class ClosedTiers {
 public:
  Tiers mask() const { return mask_; }
  void add(const Rule& rule);
  void remove(const Rule& rule);

 private:
  Tiers mask_ = 0;
  std::vector<std::pair<std::uint8_t, std::uint32_t>> rules_;  // how many of each tier
};

// The rules of one host pattern.
struct HostRules {
  PathTree paths;
  PathTree folded_paths;  // of rules that ignore case
  ClosedTiers closed;

  bool empty() const { return paths.empty() && folded_paths.empty(); }
  void add(const RuleRef& rule);
  void remove(const Rule& rule);
};

// An expression for hosts, whatever the paths of its rules.
struct HostRegex {
  SharedRegex regex;
  std::uint32_t rules = 0;
  ClosedTiers closed;

  bool fits(std::string_view host) const { return regex != nullptr && regex->fits(host); }
};

// Numbers of labels that names have; a host has no more than 127.
class Labels {
 public:
  static std::size_t of(std::string_view name) { return 1 + static_cast<std::size_t>(std::ranges::count(name, '.')); }

  bool any() const { return set_.any(); }
  bool has(std::size_t labels) const { return set_[bit(labels)]; }
  Labels& operator|=(const Labels& other) {
    set_ |= other.set_;
    return *this;
  }
  void set(std::size_t labels, bool to) { set_[bit(labels)] = to; }
  static std::size_t bit(std::size_t labels) { return std::min(labels, most); }

 private:
  static constexpr std::size_t most = 127;
  std::bitset<most + 1> set_;
};

// The rules of wildcards, by the names that stand behind them.
class WildcardRules {
 public:
  // Of those names; a host's parents with other numbers need not be looked up.
  const Labels& labels() const { return labels_; }
  const HostRules* find(std::string_view name, std::uint64_t hash) const { return rules_.find(name, hash); }
  void add(std::string_view name, const RuleRef& rule);
  void remove(std::string_view name, const Rule& rule);

 private:
  HashTrie<HostRules> rules_;
  Labels labels_;
  std::vector<std::uint32_t> names_;  // how many with each number of labels
};

struct Table : Counted {
  explicit Table(SlotRef at) : hold(std::move(at)) {}

  void add(const RuleRef& rule);
  void remove(const Rule& rule);

  SlotRef hold;
  HashTrie<HostRules> exact;
  WildcardRules one_label;
  WildcardRules any_labels;
  HostRules rest;                    // any host, and expressions, which are asked in their turn
  HashTrie<HostRegex> host_regexes;  // of those
  std::uint32_t any_host_rules = 0;

 private:
  void remove_exact(const Rule& rule);
  void add_regex(const RuleRef& rule);
  void remove_regex(const Rule& rule);
};

}  // namespace sallyport::routing
