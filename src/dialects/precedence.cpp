// SPDX-License-Identifier: Apache-2.0
#include "dialects/precedence.hpp"

#include <string>

#include "base/text.hpp"

namespace sallyport::dialects {
namespace {

std::string predicates_text(const std::vector<model::Predicate>& predicates) {
  return predicates.empty() ? std::string() : to_text(model::Predicate{model::AllOf{predicates}});
}

template <class Kind>
std::string number(Kind kind) {
  return text::cat(static_cast<unsigned>(kind));
}

}  // namespace

model::Rank standard_rank(const Matching& matching, const kube::Object& object, std::uint32_t index) {
  model::Rank rank;
  rank.tier = model::standard_tier;
  rank.words = model::standard_words(matching.priority, matching.host, matching.path, matching.predicates);
  if (object.meta.creation_timestamp) rank.created = object.meta.creation_timestamp->seconds;
  rank.name = text::cat(object.ref.namespace_, "/", object.ref.name);
  rank.kind = object.ref.kind;
  rank.index = index;
  return rank;
}

GroupKey rule_group(std::uint8_t tier, const Matching& matching) {
  return {
      .level = Level::rules,
      .resolution = Resolution::first_wins,
      .place = {text::cat(tier), number(matching.host.kind), matching.host.name, number(matching.path.kind),
                text::cat(matching.path.ignore_case ? 1 : 0), matching.path.value,
                predicates_text(matching.predicates)},
  };
}

model::Id rule_id(const ObjectRef& owner, const Matching& matching) {
  std::string id = text::cat(sallyport::to_text(owner), " ", to_text(matching.host), " ", to_text(matching.path));
  if (!matching.predicates.empty()) id += text::cat(" ", predicates_text(matching.predicates));
  return id;
}

}  // namespace sallyport::dialects
