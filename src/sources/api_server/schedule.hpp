// SPDX-License-Identifier: Apache-2.0
// Which object is due when, the earliest first; each stands in it at most once.

#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/object_ref.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::sources::api_server {

class Schedule {
 public:
  // Or moves it.
  void put(const ObjectRef& ref, net::Time due) {
    take_out(ref);
    due_.emplace(ref, due);
    order_.emplace(due, ref);
  }
  void take_out(const ObjectRef& ref) {
    const auto found = due_.find(ref);
    if (found == due_.end()) return;
    order_.erase({found->second, ref});
    due_.erase(found);
  }
  // The earliest, if it is due. It stays.
  std::optional<ObjectRef> first(net::Time now) const {
    if (order_.empty() || order_.begin()->first > now) return std::nullopt;
    return order_.begin()->second;
  }
  std::optional<net::Time> earliest() const {
    return order_.empty() ? std::nullopt : std::optional(order_.begin()->first);
  }
  std::size_t size() const { return order_.size(); }

 private:
  std::set<std::pair<net::Time, ObjectRef>> order_;
  std::unordered_map<ObjectRef, net::Time> due_;
};

}  // namespace sallyport::sources::api_server
