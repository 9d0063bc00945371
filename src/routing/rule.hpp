// SPDX-License-Identifier: Apache-2.0
// A rule of the model, ready to serve. Immutable; shared by every snapshot in which it stays the same.

#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "filters/filter.hpp"
#include "model/parts.hpp"
#include "routing/condition.hpp"
#include "routing/ref.hpp"
#include "routing/regexes.hpp"
#include "routing/slot.hpp"

namespace sallyport::routing {

struct Destination {
  std::optional<Slot> backend;     // none: the gateway answers itself,
  Code answer = Code::no_service;  // with this
  std::uint64_t weight_up_to = 0;  // of this and those before it
  filters::Chain chain;
  SlotRef hold = {};  // while a snapshot has this rule, nobody else gets the slot
};

// What a rule's path has to say about the path of a request that begins with the rule's key.
using PathShapes = std::uint8_t;
struct PathShape {
  static constexpr PathShapes exact = 1;     // it ends there
  static constexpr PathShapes elements = 2;  // or a '/' follows
  static constexpr PathShapes bytes = 4;     // anything may follow
};

// What most look-ups need to know of a rule; kept beside the pointer to it, so that they do not touch the rule.
struct Traits {
  std::uint8_t tier;
  PathShapes shape;
  bool has_any_host;
  bool merges_slashes;
  bool has_path_regex;
  bool asks_more;  // than the index knows: a regular expression or a predicate
};

// See rule_list.hpp: of the rules of one list, one in 2^bits has at least the height 1, and so on.
inline constexpr int list_height_bits = 5;
inline constexpr int most_list_height = 6;

struct Rule : Counted {
  // Without `regexes` it shares its regular expressions with no other rule.
  explicit Rule(std::shared_ptr<const model::Rule> from, filters::Chain with_chain = {},
                std::vector<Destination> to = {}, Regexes* regexes = nullptr);

  Traits traits;
  std::array<std::uint64_t, 3> words;  // of the rank
  const model::Rule& model;            // *part
  std::shared_ptr<const model::Rule> part;
  SharedRegex host_regex;  // none where there should be one: fits no host
  SharedRegex path_regex;
  bool is_indexed;                    // model/indexed.hpp
  std::uint8_t list_height;           // rule_list.hpp
  std::vector<Condition> conditions;  // of model.predicates, one each
  filters::Chain chain;
  std::vector<Destination> destinations;  // that have a weight
  std::string origin_json;                // of the model, made once for all lines of the access log

  std::size_t bytes_beside() const { return bytes_; }

  // `number` is any; equal ones give the same destination. Null when no destination has a weight.
  const Destination* destination_for(std::uint64_t number) const {
    if (destinations.empty()) return nullptr;
    const std::uint64_t point = number % destinations.back().weight_up_to;
    for (const Destination& one : destinations) {
      if (point < one.weight_up_to) return &one;
    }
    return nullptr;
  }

 private:
  std::size_t bytes_;
};

using RuleRef = Ref<const Rule>;

// A rule where it is to be found.
struct Listed {
  Listed() = default;
  explicit Listed(RuleRef of) : rule(std::move(of)), traits(rule->traits) {}

  RuleRef rule;
  Traits traits{};
};

// The order in which rules are asked: by rank, and by id where ranks are equal.
std::strong_ordering operator<=>(const Rule& one, const Rule& other);
inline bool operator==(const Rule& one, const Rule& other) { return &one == &other; }

// The text that every path begins with that the rule fits; in lower case when case is ignored.
std::string path_key(const Rule& rule);
// Its key stands for both cases.
inline bool folds_case(const Rule& rule) {
  const model::PathMatch& path = rule.model.path;
  return path.ignore_case && path.kind != model::PathMatch::Kind::regex && path.kind != model::PathMatch::Kind::any;
}

}  // namespace sallyport::routing
