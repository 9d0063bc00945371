// SPDX-License-Identifier: Apache-2.0
#include "routing/rule.hpp"

#include <algorithm>
#include <utility>

#include "syntax/token.hpp"

namespace sallyport::routing {
namespace {

using Host = model::HostPattern::Kind;
using Path = model::PathMatch::Kind;

PathShapes shape_of(Path kind) {
  switch (kind) {
    case Path::exact:
      return PathShape::exact;
    case Path::element_prefix:
      return PathShape::elements;
    case Path::byte_prefix:
    case Path::regex:
    case Path::any:
      break;
  }
  return PathShape::bytes;
}

std::optional<syntax::Regex> compiled(std::string_view pattern, bool ignore_case) {
  auto regex = syntax::Regex::compile(pattern, ignore_case);
  return regex ? std::optional(std::move(*regex)) : std::nullopt;
}

std::vector<Condition> compiled(const std::vector<model::Predicate>& predicates) {
  std::vector<Condition> all;
  all.reserve(predicates.size());
  for (const model::Predicate& one : predicates) all.emplace_back(one);
  return all;
}

// Of the texts that are long where a configuration is large; an estimate.
std::size_t bytes_of(const model::Rule& rule) {
  return sizeof rule + rule.id.size() + rule.host.name.size() + rule.path.value.size() + rule.rank.name.size() +
         rule.origin.file.size() + rule.origin.field.size() + rule.destinations.size() * sizeof(model::Destination);
}

}  // namespace

Rule::Rule(std::shared_ptr<const model::Rule> from, filters::Chain with_chain, std::vector<Destination> to)
    : traits{.tier = from->rank.tier,
             .shape = shape_of(from->path.kind),
             .has_any_host = from->host.kind == Host::any,
             .merges_slashes = from->path_options.merge_slashes,
             .has_path_regex = from->path.kind == Path::regex,
             .asks_more =
                 from->host.kind == Host::regex || from->path.kind == Path::regex || !from->predicates.empty()},
      words(from->rank.words),
      model(*from),
      part(std::move(from)),
      conditions(compiled(model.predicates)),
      chain(std::move(with_chain)),
      destinations(std::move(to)),
      bytes_(bytes_of(model) + destinations.capacity() * sizeof(Destination)) {
  if (model.host.kind == Host::regex) host_regex = compiled(model.host.name, false);
  if (model.path.kind == Path::regex) path_regex = compiled(model.path.value, model.path.ignore_case);
}

std::strong_ordering operator<=>(const Rule& one, const Rule& other) {
  if (const auto order = one.traits.tier <=> other.traits.tier; order != 0) return order;
  if (const auto order = one.words <=> other.words; order != 0) return order;
  if (const auto order = one.model.rank <=> other.model.rank; order != 0) return order;
  return one.model.id <=> other.model.id;
}

std::string path_key(const Rule& rule) {
  if (rule.model.path.kind == Path::regex) return rule.path_regex ? rule.path_regex->literal_prefix() : "";
  std::string key = rule.model.path.value;
  if (folds_case(rule)) {
    std::ranges::transform(key, key.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
  }
  return key;
}

bool is_indexed(const model::Rule& rule) {
  if (rule.host.kind == Host::regex) return false;
  if (rule.path.kind != Path::regex) return true;
  const auto regex = compiled(rule.path.value, rule.path.ignore_case);
  return regex && regex->literal_prefix().size() > 1;
}

bool is_indexed(const Rule& rule) {
  if (rule.model.host.kind == Host::regex) return false;
  return rule.model.path.kind != Path::regex || path_key(rule).size() > 1;
}

}  // namespace sallyport::routing
