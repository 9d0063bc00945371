// SPDX-License-Identifier: Apache-2.0
// The whole model as control last made it, by id.

#pragma once

#include <map>
#include <memory>

#include "model/parts.hpp"

namespace sallyport::control {

template <class Part>
using ById = std::map<model::Id, std::shared_ptr<const Part>>;

struct Parts {
  ById<model::Listener> listeners;
  ById<model::EndpointSet> endpoint_sets;
  ById<model::Backend> backends;
  ById<model::Rule> rules;
  ById<model::Certificate> certificates;
  ById<model::ServerName> server_names;

  // By contents.
  bool operator==(const Parts& other) const;
};

}  // namespace sallyport::control
