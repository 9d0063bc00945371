// SPDX-License-Identifier: Apache-2.0
// Durations as the Gateway API writes them (GEP-2257): one to four groups of one to five digits with h, m, s or ms.
//
// No sign, no fraction, no space; "0s" is zero, and what zero means is the field's business. Pure.

#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sallyport::syntax {

// Units come in any order and may repeat: "1m1h1m" is 1h2m.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

// The shortest text in falling units: 1h30m, 1s500ms, 0s. Parses back for 0 to 99999h59m59s999ms; a negative duration,
// which the grammar lacks, is written with a leading '-' and longer ones with more digits, both for messages only.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace sallyport::syntax
