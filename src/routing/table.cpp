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
  mask_ &= ~tier_bit(rule.traits.tier);
}

void HostRules::add(const RuleRef& rule) {
  (folds_case(*rule) ? folded_paths : paths).add(path_key(*rule), rule);
  closed.add(*rule);
}

void HostRules::remove(const Rule& rule) {
  (folds_case(rule) ? folded_paths : paths).remove(path_key(rule), rule);
  closed.remove(rule);
}

HostRules& Table::of_host(const model::HostPattern& host) {
  switch (host.kind) {
    case Kind::exact:
      return exact.change(host.name);
    case Kind::one_label:
      return one_label.change(host.name);
    case Kind::any_labels:
      return any_labels.change(host.name);
    case Kind::regex:
    case Kind::any:
      break;
  }
  return rest;
}

void Table::add(const RuleRef& rule) {
  const model::HostPattern& host = rule->model.host;
  of_host(host).add(rule);
  if (host.kind == Kind::any) ++any_host_rules;
  if (host.kind != Kind::regex) return;
  HostRegex& regex = host_regexes.change(host.name);
  regex.regex = rule->host_regex;
  ++regex.rules;
  regex.closed.add(*rule);
}

void Table::remove(const Rule& rule) {
  const model::HostPattern& host = rule.model.host;
  HostRules& rules = of_host(host);
  rules.remove(rule);
  const bool was_last = rules.empty();  // erasing ends `rules`
  if (was_last && host.kind == Kind::exact) exact.erase(host.name);
  if (was_last && host.kind == Kind::one_label) one_label.erase(host.name);
  if (was_last && host.kind == Kind::any_labels) any_labels.erase(host.name);
  if (host.kind == Kind::any) --any_host_rules;
  if (host.kind != Kind::regex) return;
  HostRegex& regex = host_regexes.change(host.name);
  regex.closed.remove(rule);
  if (--regex.rules == 0) host_regexes.erase(host.name);
}

}  // namespace sallyport::routing
