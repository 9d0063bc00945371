// SPDX-License-Identifier: Apache-2.0
// Where an Ingress rule sends requests. A reference that leads nowhere keeps the rule, which then answers 503: its
// requests must not fall through to somebody else's wider rule (gateway-api.md 5.3, 6 and 7).

#pragma once

#include <optional>
#include <string_view>

#include "dialects/findings.hpp"
#include "dialects/lookup.hpp"
#include "dialects/services/target.hpp"
#include "kube/object.hpp"

namespace sallyport::dialects::ingress {

// None for a backend that is no Service: the path is left out. `field` is that of `backend`.
std::optional<services::Target> target_of(const kube::IngressBackend& backend, std::string_view field,
                                          const kube::Object& ingress, const Lookup& lookup, Findings& findings,
                                          const services::AddressPolicy& policy);

}  // namespace sallyport::dialects::ingress
