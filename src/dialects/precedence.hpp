// SPDX-License-Identifier: Apache-2.0
// The order of rules that Ingress v1 and Gateway API share (gateway-api.md 5.3, 2 and 4.5): the more specific host
// first, as it was written; then an exact path, then the longer prefix; then predicates; then age, name and index.
//
// They share one tier, so that an Ingress "/" never hides an HTTPRoute "/foo".

#pragma once

#include <cstdint>

#include "dialects/claim.hpp"
#include "kube/object.hpp"
#include "model/match.hpp"
#include "model/rank.hpp"

namespace sallyport::dialects {

inline constexpr std::uint8_t standard_tier = 1;

// `index` counts the rules of the object in the order of its file.
model::Rank standard_rank(const model::HostPattern& host, const model::PathMatch& path, const kube::Object& object,
                          std::uint32_t index);

// Rules of one tier that fit the very same requests: the first one wins.
GroupKey rule_group(std::uint8_t tier, const model::HostPattern& host, const model::PathMatch& path);

// Stable while the rule keeps its object, host and path, whatever is written before it. Of a group's claims only the
// winner is in the model, so it is unique.
model::Id rule_id(const ObjectRef& owner, const model::HostPattern& host, const model::PathMatch& path);

}  // namespace sallyport::dialects
