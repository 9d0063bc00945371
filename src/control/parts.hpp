// SPDX-License-Identifier: Apache-2.0
// The whole model as control last made it, by id; and what differs between two of them.

#pragma once

#include <map>
#include <memory>

#include "model/delta.hpp"
#include "model/parts.hpp"

namespace sallyport::control {

template <class Part>
using ById = std::map<model::Id, std::shared_ptr<const Part>>;

struct Parts {
  ById<model::Listener> listeners;
  ById<model::EndpointSet> endpoint_sets;
  ById<model::Backend> backends;
  ById<model::Rule> rules;

  // By contents.
  bool operator==(const Parts& other) const;
};

// What makes `from` mean what `to` means; parts that are equal but for the line they were written in are not in it. The
// version is the caller's to set.
model::Delta difference(const Parts& from, const Parts& to);

}  // namespace sallyport::control
