// SPDX-License-Identifier: Apache-2.0
// What a translation is handed: it answers from the nodes of Reads, which thereby know what was read. Every object is
// present or absent: all that a source has was read before control begins.

#pragma once

#include <utility>
#include <vector>

#include "control/groups.hpp"
#include "control/reads.hpp"
#include "dialects/lookup.hpp"

namespace sallyport::control {

class RecordingLookup final : public dialects::Lookup {
 public:
  RecordingLookup(Reads& reads, const Groups& groups) : reads_(reads), groups_(groups) {}

 private:
  Found find(const ObjectRef& ref, const dialects::Projection& through) const override {
    Reads::Value value = reads_.object(ref, through);
    if (!value) return {};
    return {dialects::Presence::present, std::move(value)};
  }
  std::vector<std::pair<ObjectRef, Reads::Value>> find_all(const dialects::Index& index, const ObjectRef& key,
                                                           const dialects::Projection& through) const override {
    return reads_.members(index, key, through);
  }
  dialects::GroupVerdict judged(const dialects::GroupKey& group) const override {
    const std::string key = packed(group);
    return reads_.verdict(key, groups_.verdict(key));
  }

  Reads& reads_;
  const Groups& groups_;
};

}  // namespace sallyport::control
