// SPDX-License-Identifier: Apache-2.0
// Control's statuses in the order of their references, sorted again only when objects came or went: a change to one
// object costs no comparison of the others. Belongs to the control thread.

#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "control/status.hpp"

namespace sallyport::commands {

class SortedStatuses {
 public:
  // `members` is another number whenever there are other objects than before (Control::members()).
  std::vector<control::StatusPtr> of(const control::Statuses& statuses, std::uint64_t members) {
    if (members_ != members) sort(statuses);
    members_ = members;
    std::vector<control::StatusPtr> all;
    all.reserve(order_.size());
    for (const Entry* entry : order_) all.push_back(entry->second);
    return all;
  }

 private:
  // Stays where it is as long as its object is there.
  using Entry = control::Statuses::value_type;

  void sort(const control::Statuses& statuses) {
    order_.clear();
    order_.reserve(statuses.size());
    for (const Entry& entry : statuses) order_.push_back(&entry);
    std::ranges::sort(order_, {}, [](const Entry* entry) -> const ObjectRef& { return entry->first; });
  }

  std::optional<std::uint64_t> members_;
  std::vector<const Entry*> order_;
};

}  // namespace sallyport::commands
