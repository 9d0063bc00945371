// SPDX-License-Identifier: Apache-2.0
// What a plain (unquoted) scalar may be, by the rules of Kubernetes' YAML reader (YAML 1.1 without base 60).

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::kube::scalar {

bool is_null(std::string_view text);
// true and false only.
bool is_core_boolean(std::string_view text);
// Also yes, no, on, off, y, n: booleans only where a boolean is wanted.
std::optional<bool> boolean(std::string_view text);
// Whole or not, any base, signed, infinite.
bool is_number(std::string_view text);
// Decimal, without sign and leading zeros (which would be octal).
std::optional<std::uint64_t> whole_number(std::string_view text);
// The same, perhaps with a '-' before it.
std::optional<std::int64_t> signed_number(std::string_view text);

}  // namespace sallyport::kube::scalar
