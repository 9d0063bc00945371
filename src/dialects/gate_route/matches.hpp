// SPDX-License-Identifier: Apache-2.0
// Host and path of a GateRoute as the model has them. The detail of an error is the sentence of its finding.

#pragma once

#include <string_view>

#include "base/result.hpp"
#include "kube/gate_route.hpp"
#include "model/match.hpp"
#include "syntax/path.hpp"

namespace sallyport::dialects::gate_route {

// A name; *.example.com for one label more; **.example.com for one or several.
Result<model::HostPattern> host_pattern(std::string_view host);
Result<model::HostPattern> host_regex(std::string_view regex);

Result<model::PathMatch> path_match(const kube::GatePath& path, const syntax::PathOptions& options);

}  // namespace sallyport::dialects::gate_route
