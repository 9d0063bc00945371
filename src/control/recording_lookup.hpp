// SPDX-License-Identifier: Apache-2.0
// What a translation is handed: it answers from the nodes of Reads, which thereby know what was read. An object that is
// not there is absent, or not yet known where the source says that it will come.

#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "control/groups.hpp"
#include "control/reads.hpp"
#include "dialects/lookup.hpp"

namespace sallyport::control {

class RecordingLookup final : public dialects::Lookup {
 public:
  using IsAwaited = std::function<bool(const ObjectRef&)>;

  RecordingLookup(Reads& reads, const Groups& groups) : reads_(reads), groups_(groups) {}

  void set_awaited(IsAwaited is_awaited) { is_awaited_ = std::move(is_awaited); }
  bool is_awaited(const ObjectRef& ref) const {
    return is_awaited_ && sources::is_given_by_name(ref) && is_awaited_(ref);
  }
  // Whether anything was not yet known since the last call.
  bool take_unknown() { return std::exchange(met_unknown_, false); }

 private:
  Found find(const ObjectRef& ref, const dialects::Projection& through) const override {
    Reads::Value value = reads_.object(ref, through);
    if (!value) {
      if (!is_awaited(ref)) return {};
      met_unknown_ = true;
      return {dialects::Presence::unknown, nullptr};
    }
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
  IsAwaited is_awaited_;
  mutable bool met_unknown_ = false;
};

}  // namespace sallyport::control
