// SPDX-License-Identifier: Apache-2.0
// Host and path of an Ingress rule as the model has them (gateway-api.md 5.2 and 5.3). The detail of an error is the
// sentence of its finding.

#pragma once

#include <string_view>

#include "base/result.hpp"
#include "kube/ingress.hpp"
#include "model/match.hpp"
#include "syntax/path.hpp"

namespace sallyport::dialects::ingress {

// Empty is every host; *.example.com covers exactly one label more.
Result<model::HostPattern> host_pattern(std::string_view host);

// ImplementationSpecific is Prefix for our own class, and "/" when it has no path.
Result<model::PathMatch> path_match(const kube::IngressPath& path, const syntax::PathOptions& options);

}  // namespace sallyport::dialects::ingress
