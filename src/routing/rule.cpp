// SPDX-License-Identifier: Apache-2.0
#include "routing/rule.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>
#include <utility>

#include "base/json_writer.hpp"
#include "model/indexed.hpp"

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

// Of the texts that are long where a configuration is large; an estimate.
std::size_t bytes_of(const model::Rule& rule) {
  return sizeof rule + rule.id.size() + rule.host.name.size() + rule.path.value.size() + rule.rank.name.size() +
         rule.origin.file.size() + rule.origin.field.size() + rule.destinations.size() * sizeof(model::Destination);
}

std::string json_of(const model::Origin& origin) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("kind", origin.object.kind);
  json.member("namespace", origin.object.namespace_);
  json.member("name", origin.object.name);
  json.member("field", origin.field);
  json.end_object();
  return text;
}

// Random, yet the same for the same id in every process and configuration.
std::uint8_t list_height_of(const model::Id& id) {
  const std::uint64_t hash = std::hash<std::string_view>()(id);
  return static_cast<std::uint8_t>(std::min(std::countr_zero(hash) / list_height_bits, most_list_height));
}

}  // namespace

Rule::Rule(std::shared_ptr<const model::Rule> from, filters::Chain with_chain, std::vector<Destination> to,
           Regexes* regexes)
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
      is_indexed(true),
      list_height(list_height_of(model.id)),
      chain(std::move(with_chain)),
      destinations(std::move(to)),
      origin_json(json_of(model.origin)),
      bytes_(bytes_of(model) + destinations.capacity() * sizeof(Destination) + origin_json.size()) {
  Regexes own;
  Regexes& all = regexes != nullptr ? *regexes : own;
  if (model.host.kind == Host::regex) host_regex = all.get(model.host.name);
  if (model.path.kind == Path::regex) path_regex = all.get(model.path.value, model.path.ignore_case);
  is_indexed = model::is_indexed(model.host) && model::is_indexed(model.path, path_regex.get());
  conditions.reserve(model.predicates.size());
  for (const model::Predicate& one : model.predicates) conditions.emplace_back(one, all);
}

std::strong_ordering operator<=>(const Rule& one, const Rule& other) {
  if (const auto order = one.traits.tier <=> other.traits.tier; order != 0) return order;
  if (const auto order = one.words <=> other.words; order != 0) return order;
  if (const auto order = one.model.rank <=> other.model.rank; order != 0) return order;
  return one.model.id <=> other.model.id;
}

std::string path_key(const Rule& rule) {
  if (rule.model.path.kind == Path::regex) return rule.path_regex != nullptr ? rule.path_regex->literal_prefix() : "";
  std::string key = rule.model.path.value;
  if (folds_case(rule)) {
    std::ranges::transform(key, key.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
  }
  return key;
}

}  // namespace sallyport::routing
