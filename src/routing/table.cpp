// SPDX-License-Identifier: Apache-2.0
#include "routing/table.hpp"

#include <algorithm>

namespace sallyport::routing {
namespace {

using Kind = model::HostPattern::Kind;

}  // namespace

void ClosedTiers::add(const Rule& rule) {
  if (rule.model.falls_through) return;
  auto at = std::ranges::find(rules_, rule.traits.tier, [](const auto& entry) { return entry.first; });
  if (at == rules_.end()) at = rules_.emplace(at, rule.traits.tier, 0);
  ++at->second;
  mask_ |= tier_bit(rule.traits.tier);
}

void ClosedTiers::remove(const Rule& rule) {
  if (rule.model.falls_through) return;
  const auto at = std::ranges::find(rules_, rule.traits.tier, [](const auto& entry) { return entry.first; });
  if (--at->second != 0) return;
  rules_.erase(at);
  mask_ = 0;
  for (const auto& [tier, count] : rules_) mask_ |= tier_bit(tier);
}

void HostRules::add(const RuleRef& rule) {
  (folds_case(*rule) ? folded_paths : paths).add(path_key(*rule), rule);
  closed.add(*rule);
}

void HostRules::remove(const Rule& rule) {
  (folds_case(rule) ? folded_paths : paths).remove(path_key(rule), rule);
  closed.remove(rule);
}

void WildcardRules::add(std::string_view name, const RuleRef& rule) {
  HostRules& rules = rules_.change(name);
  if (rules.empty()) {
    const std::size_t labels = Labels::of(name);
    names_.resize(std::max(names_.size(), Labels::bit(labels) + 1));
    ++names_[Labels::bit(labels)];
    labels_.set(labels, true);
  }
  rules.add(rule);
}

void WildcardRules::remove(std::string_view name, const Rule& rule) {
  HostRules& rules = rules_.change(name);
  rules.remove(rule);
  if (!rules.empty()) return;
  rules_.erase(name);
  const std::size_t labels = Labels::of(name);
  if (--names_[Labels::bit(labels)] == 0) labels_.set(labels, false);
}

void Table::add(const RuleRef& rule) {
  const model::HostPattern& host = rule->model.host;
  switch (host.kind) {
    case Kind::exact:
      return exact.change(host.name).add(rule);
    case Kind::one_label:
      return one_label.add(host.name, rule);
    case Kind::any_labels:
      return any_labels.add(host.name, rule);
    case Kind::regex:
      add_regex(rule);
      break;
    case Kind::any:
      ++any_host_rules;
  }
  rest.add(rule);
}

void Table::remove(const Rule& rule) {
  const model::HostPattern& host = rule.model.host;
  switch (host.kind) {
    case Kind::exact:
      return remove_exact(rule);
    case Kind::one_label:
      return one_label.remove(host.name, rule);
    case Kind::any_labels:
      return any_labels.remove(host.name, rule);
    case Kind::regex:
      remove_regex(rule);
      break;
    case Kind::any:
      --any_host_rules;
  }
  rest.remove(rule);
}

void Table::remove_exact(const Rule& rule) {
  HostRules& rules = exact.change(rule.model.host.name);
  rules.remove(rule);
  if (rules.empty()) exact.erase(rule.model.host.name);
}

void Table::add_regex(const RuleRef& rule) {
  HostRegex& regex = host_regexes.change(rule->model.host.name);
  regex.regex = rule->host_regex;
  ++regex.rules;
  regex.closed.add(*rule);
}

void Table::remove_regex(const Rule& rule) {
  HostRegex& regex = host_regexes.change(rule.model.host.name);
  regex.closed.remove(rule);
  if (--regex.rules == 0) host_regexes.erase(rule.model.host.name);
}

}  // namespace sallyport::routing
