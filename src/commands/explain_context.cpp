// SPDX-License-Identifier: Apache-2.0
#include "commands/explain_context.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "syntax/token.hpp"

namespace sallyport::commands {
namespace {

// Without what a rule has to fit exactly; regexes and rules for any host are nobody's neighbours.
bool is_of_host(const model::HostPattern& pattern, std::string_view host) {
  using Kind = model::HostPattern::Kind;
  if (pattern.kind == Kind::exact) return pattern.name == host;
  if (pattern.kind != Kind::one_label && pattern.kind != Kind::any_labels) return false;
  return host.size() > pattern.name.size() + 1 && host.ends_with(pattern.name) &&
         host[host.size() - pattern.name.size() - 1] == '.';
}

// How many bytes at their begin are the same, whatever their case.
std::size_t likeness(std::string_view one, std::string_view other) {
  const std::size_t size = std::min(one.size(), other.size());
  std::size_t same = 0;
  while (same < size && syntax::equals_ignore_case(one.substr(same, 1), other.substr(same, 1))) ++same;
  return same;
}

}  // namespace

ExplainContext::Rules nearby_rules(const EachRule& each, std::string_view host, std::string_view path) {
  using Near = std::pair<std::size_t, std::shared_ptr<const model::Rule>>;
  std::vector<Near> near;
  each([&](const std::shared_ptr<const model::Rule>& rule) {
    if (is_of_host(rule->host, host)) near.emplace_back(likeness(rule->path.value, path), rule);
  });
  const auto more_alike = [](const Near& one, const Near& other) {
    return std::pair(other.first, std::string_view(one.second->id)) <
           std::pair(one.first, std::string_view(other.second->id));
  };
  const auto end = near.begin() + static_cast<std::ptrdiff_t>(std::min(near.size(), most_nearby));
  std::ranges::partial_sort(near, end, more_alike);
  ExplainContext::Rules rules;
  for (const auto& one : std::ranges::subrange(near.begin(), end)) rules.push_back(one.second);
  return rules;
}

}  // namespace sallyport::commands
