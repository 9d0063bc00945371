// SPDX-License-Identifier: Apache-2.0
// The rules of RFC 9110 and RFC 3986 that strict_validator.cpp reads lines by, one function each. Pure.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sallyport::support::strict {

bool is_token(std::string_view text);
// VCHAR, obs-text, SP and HTAB.
bool is_text(std::string_view text);
// Without SP and HTAB at its ends.
std::string_view trimmed(std::string_view text);
// Of a comma list, without empty ones. Commas in quoted strings part, too.
std::vector<std::string_view> items(std::string_view list);
bool is_token_list(std::string_view list);

std::optional<std::uint64_t> decimal(std::string_view text);
// A chunk's first line, extensions included.
std::optional<std::uint64_t> chunk_size(std::string_view line);

struct CodingList {
  bool well_formed = true;
  unsigned chunked = 0;
  bool chunked_is_last = false;
};
CodingList read_codings(std::string_view list);

// uri-host [":" port], as Host has it: the host may be empty.
bool is_host_and_port(std::string_view text);

// RFC 9112 3.2: the authority that the target names, empty for the forms that name none. Nothing: it is no target.
std::optional<std::string_view> target_authority(std::string_view method, std::string_view target, bool raw_path);

bool same_name(std::string_view one, std::string_view other);

}  // namespace sallyport::support::strict
