// SPDX-License-Identifier: Apache-2.0
// Names, values and lists of fields: the fast readings are the plain ones, an id is its name's in any case and in every
// spelling, and a claim is always managed.

#include "syntax/header_name.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/scan.hpp"
#include "require.hpp"
#include "syntax/token.hpp"
#include "text_parts.hpp"

namespace {

using sallyport::fuzz::require;
using namespace sallyport::syntax;

bool is_plain_token(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_plain_value(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

// The first byte that is not allowed.
template <class Allowed>
const char* plain_end(std::string_view text, Allowed allowed) {
  return std::find_if_not(text.data(), text.data() + text.size(), allowed);
}

void check_bytes(std::string_view text) {
  const char* const end = text.data() + text.size();
  require(is_token(text) == (!text.empty() && plain_end(text, is_plain_token) == end));
  require(is_field_value(text) == (plain_end(text, is_plain_value) == end));
  require(sallyport::http::token_end(text.data(), end) == plain_end(text, is_plain_token));
  require(sallyport::http::value_end(text.data(), end) == plain_end(text, is_plain_value));
  require(sallyport::http::target_end(text.data(), end) ==
          plain_end(text, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; }));
}

void check_name(std::string_view name) {
  const std::string small = lower(name);
  require(equals_ignore_case(name, small) && lower(small) == small);
  const HeaderId id = header_id(name);
  require(id == header_id(small));
  if (id != HeaderId::other) require(name_of(id) == small && header_id(spelling_of(id)) == id);

  std::string dashes = small;
  std::ranges::replace(dashes, '_', '-');
  require(alias_id(name) == header_id(dashes));
  require(is_managed_name(name) == is_managed_name(dashes));
  require(is_client_claim_name(name) == is_client_claim_name(dashes));
  require(!is_client_claim_name(name) || is_managed_name(name));
  require(!is_client_claim(id) || is_managed(id));
  constexpr std::string_view forwarded = "x-forwarded-";
  if (dashes.starts_with(forwarded) && dashes != forwarded) require(is_client_claim_name(name));
}

std::vector<std::string> items(std::string_view list) {
  std::vector<std::string> all;
  for_each_list_item(list, [&](std::string_view item) { all.emplace_back(item); });
  return all;
}

void check_list(std::string_view list) {
  const std::vector<std::string> all = items(list);
  for (const std::string& item : all) {
    require(!item.empty() && trim_ows(item) == item && item.find(',') == item.npos);
    require(sallyport::fuzz::is_inside(trim_ows(item), item.data(), item.size()));
  }
  require(items(sallyport::text::join(all, " ,\t, ")) == all);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = sallyport::fuzz::whole_text(data, size);
  check_bytes(text);
  check_name(text);
  check_list(text);
  return 0;
}
