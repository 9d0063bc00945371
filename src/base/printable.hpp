// SPDX-License-Identifier: Apache-2.0
// Texts of users on their way to a terminal or into a log of lines: whatever they hold, they stay one line, and tell a
// terminal nothing. Pure.

#pragma once

#include <string>
#include <string_view>

namespace sallyport::text {

// Control characters (below 0x20, 0x7f, U+0080 to U+009f) and bytes that are no UTF-8 become \xNN, byte by byte; all
// else stays.
std::string printable(std::string_view text);

}  // namespace sallyport::text
