// SPDX-License-Identifier: Apache-2.0
// Strict base64 (RFC 4648 section 4, padded); line breaks are skipped, as Kubernetes does.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::kube {

// Never fewer than the text decodes to.
constexpr std::size_t base64_room(std::string_view text) { return text.size() / 4 * 3 + 3; }

// Writes to `into` (of base64_room bytes) and gives the number of bytes, or nothing if the text is not base64.
std::optional<std::size_t> decode_base64(std::string_view text, char* into);

// On one line; no copy of it is left anywhere else.
std::string encode_base64(std::string_view bytes);

}  // namespace sallyport::kube
