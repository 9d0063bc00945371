// SPDX-License-Identifier: Apache-2.0
// What a rule makes of the URL before the upstream is asked. All that can be judged without a request is judged here;
// the filter judges what comes of each request (filters/url_rewrite.hpp).

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "dialects/findings.hpp"
#include "kube/gate_route.hpp"
#include "model/filter.hpp"
#include "model/match.hpp"
#include "syntax/path.hpp"

namespace sallyport::dialects::gate_route {

inline constexpr std::size_t longest_rewrite_value = 4 * 1024;  // bytes

// `path` is the rule's, and empty when that is wrong itself. None: something is wrong, and the findings say what.
std::optional<model::UrlRewrite> url_rewrite(const kube::GateRewrite& from, std::string_view field,
                                             const std::optional<model::PathMatch>& path,
                                             const syntax::PathOptions& options, Findings& findings);

}  // namespace sallyport::dialects::gate_route
