// SPDX-License-Identifier: Apache-2.0
// Where a Service is reached: what --publish-service tells of it. Pure.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kube/object.hpp"

namespace sallyport::control {

// IP addresses and host names; none for a balancer that has none yet. A LoadBalancer's are those of its status and its
// external ones; another Service's are its external ones, else its cluster's; an ExternalName's is that name, without a
// final dot. Nothing if it is no Service, or its addresses cannot be read.
std::optional<std::vector<std::string>> addresses_of(const kube::Object& service);

}  // namespace sallyport::control
