// SPDX-License-Identifier: Apache-2.0
// What can be told of a regular expression by its text: one that begins as no path does is a mistake that its author
// wants to hear of. It is about warnings only; what an expression fits is for syntax/regex.hpp to say.

#pragma once

#include <string>
#include <string_view>

#include "model/match.hpp"
#include "syntax/path.hpp"

namespace sallyport::dialects::gate_route {

// The literal text with which everything begins that the expression fits, case aside, as far as it is plain to see;
// empty where it is not.
std::string literal_beginning(std::string_view regex);

// True only if no canonical path can begin as the expression does: "/a/\.\./b", "/%7Euser".
bool fits_no_path(const model::PathMatch& regex, const syntax::PathOptions& options);

}  // namespace sallyport::dialects::gate_route
