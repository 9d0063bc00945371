// SPDX-License-Identifier: Apache-2.0
// What a rule changes of header fields. The gateway's own ones are refused, in every spelling: who may say what about
// the client, and where a message ends, is not for a route to decide.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "dialects/findings.hpp"
#include "kube/gate_route.hpp"
#include "model/filter.hpp"

namespace sallyport::dialects::gate_route {

inline constexpr std::size_t max_header_changes = 64;          // of a list
inline constexpr std::size_t longest_header_value = 4 * 1024;  // bytes
// Bytes of names and values in one direction. More than that few servers take, and a message has to have room for it.
inline constexpr std::size_t max_header_bytes = 16 * 1024;

// None: something is wrong, and the findings say what; never a value, which may be a secret.
std::optional<model::HeaderChanges> header_changes(const kube::GateHeaderChanges& from, std::string_view field,
                                                   Findings& findings);

}  // namespace sallyport::dialects::gate_route
