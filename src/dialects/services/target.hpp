// SPDX-License-Identifier: Apache-2.0
// Where a rule of any dialect sends requests: a port of a Service. A reference that leads nowhere gives a destination
// that answers 503, so that the rule stays and keeps its requests, or its share of them (gateway-api.md 5.3, 6 and 7).

#pragma once

#include <optional>
#include <string_view>

#include "base/object_ref.hpp"
#include "dialects/findings.hpp"
#include "dialects/lookup.hpp"
#include "dialects/services/endpoint_reading.hpp"
#include "kube/values.hpp"
#include "model/parts.hpp"

namespace sallyport::dialects::services {

struct Target {
  std::optional<model::Backend> backend;  // what `destination` refers to, if it refers to one
  // Where that is served, if the Service itself does not say: an external name without ports has every port.
  std::optional<model::EndpointSet> endpoints = {};
  model::Destination destination;
};

// Answers 503.
Target unavailable();

// Where the reference is written: what findings about it name.
struct ReferenceFields {
  std::string_view name;
  std::string_view port;
};

// `port` is a number, or the name of one. Of the policy only `names` counts here.
Target target_of(const ObjectRef& service, const kube::IntOrString& port, const ReferenceFields& fields,
                 const Lookup& lookup, Findings& findings, const AddressPolicy& policy = {});

}  // namespace sallyport::dialects::services
