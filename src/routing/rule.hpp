// SPDX-License-Identifier: Apache-2.0
// A rule of the model, ready to serve. Immutable; shared by every snapshot in which it stays the same.

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "filters/filter.hpp"
#include "model/parts.hpp"

namespace sallyport::routing {

// Which backend of a snapshot. A backend has the same slot in every snapshot that it is in.
using Slot = std::uint32_t;

struct Destination {
  std::optional<Slot> backend;     // none: the gateway answers itself,
  Code answer = Code::no_service;  // with this
  std::uint64_t weight_up_to = 0;  // of this and those before it
  filters::Chain chain;
};

struct Rule {
  model::Rule model;
  filters::Chain chain;
  std::vector<Destination> destinations;  // that have a weight

  // `number` is any; equal ones give the same destination. Null when no destination has a weight.
  const Destination* destination_for(std::uint64_t number) const {
    if (destinations.empty()) return nullptr;
    const std::uint64_t point = number % destinations.back().weight_up_to;
    for (const Destination& one : destinations) {
      if (point < one.weight_up_to) return &one;
    }
    return nullptr;
  }
};

}  // namespace sallyport::routing
