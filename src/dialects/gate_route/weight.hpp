// SPDX-License-Identifier: Apache-2.0
// How much memory a rule takes for each of its hosts. A short file must not become a large model: hosts multiply.

#pragma once

#include <cstddef>

#include "model/parts.hpp"

namespace sallyport::dialects::gate_route {

// Bytes, about: one copy of the rule with everything in it, its keys, and what control holds of it. The serving side
// takes as much again. Meant for sums and caps, so that nothing which a file can make many or long is left out.
std::size_t weight(const model::Rule& rule);

}  // namespace sallyport::dialects::gate_route
