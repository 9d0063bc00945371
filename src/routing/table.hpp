// SPDX-License-Identifier: Apache-2.0
// The rules of one scope, to be found by host and path. Persistent: a copy shares everything, and a change copies only
// what it touches. Choosing among what fits is choice.hpp's.
//
// Any thread may read; copying, changing and freeing belong to one (ref.hpp).

#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/hash_trie.hpp"
#include "routing/path_tree.hpp"
#include "routing/ref.hpp"
#include "routing/rule.hpp"
#include "routing/slot.hpp"

namespace sallyport::routing {

// Tiers of dialects, one bit each.
using Tiers = std::uint64_t;
inline constexpr unsigned tier_count = 64;
constexpr Tiers tier_bit(std::uint8_t tier) { return tier < tier_count ? Tiers{1} << tier : 0; }

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
  std::optional<syntax::Regex> regex;
  std::uint32_t rules = 0;
  ClosedTiers closed;

  bool fits(std::string_view host) const { return regex && regex->fits(host); }
};

struct Table : Counted {
  explicit Table(SlotRef at) : hold(std::move(at)) {}

  void add(const RuleRef& rule);
  void remove(const Rule& rule);
  bool has_wildcards() const { return !one_label.empty() || !any_labels.empty(); }

  SlotRef hold;
  HashTrie<HostRules> exact;
  HashTrie<HostRules> one_label;
  HashTrie<HostRules> any_labels;
  HostRules rest;                    // any host, and expressions, which are asked in their turn
  HashTrie<HostRegex> host_regexes;  // of those
  std::uint32_t any_host_rules = 0;

 private:
  HostRules& of_host(const model::HostPattern& host);
};

}  // namespace sallyport::routing
