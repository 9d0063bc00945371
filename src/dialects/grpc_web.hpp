// SPDX-License-Identifier: Apache-2.0
// The annotation that lets browsers call the gRPC services of an Ingress or a GateRoute.

#pragma once

#include <string_view>

#include "dialects/findings.hpp"
#include "kube/object.hpp"

namespace sallyport::dialects {

inline constexpr std::string_view grpc_web_annotation = "sallyport.dev/grpc-web";  // "true" or "false"

// Whether it is asked for. A value that is neither is a finding.
bool wants_grpc_web(const kube::Object& root, Findings& findings);

}  // namespace sallyport::dialects
