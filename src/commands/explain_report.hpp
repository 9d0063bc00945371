// SPDX-License-Identifier: Apache-2.0
// An explanation for people and for programs. Pure.

#pragma once

#include <string>

#include "commands/explain_request.hpp"

namespace sallyport::commands {

// A line each: listener, host, path, rule, chain, destinations with their endpoints; then the rules that it
// shadows or beat and by what; then those that did not fit and why; and where no path fits, the nearest ones of the
// host.
std::string to_text(const Explained& explained);

std::string to_json(const Explained& explained);

}  // namespace sallyport::commands
