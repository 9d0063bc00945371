// SPDX-License-Identifier: Apache-2.0
// Parameters of a query: the reader of the request path and that of the admin port say the same of each name. The first
// line is the query, the others are names.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "commands/query.hpp"
#include "require.hpp"
#include "routing/parameters.hpp"
#include "text_parts.hpp"

namespace {

using namespace sallyport;
using fuzz::require;

// So that it decodes to this again.
std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4U], digits[byte & 0xfU]};
  }
  return out;
}

void check_name(routing::Parameters& parameters, std::string_view query, const std::string& name) {
  routing::Parameters::Parameter* const found = parameters.find(query, name, routing::parameter_hash(name));
  if (name.empty()) return;  // "&&" has two to one and none to the other
  const std::optional<std::string> first = commands::Query(query).first(name);
  if (found == nullptr) {
    require(!first || parameters.has_more());
    return;
  }
  require(first.has_value());
  const std::string_view raw = parameters.value(*found);
  require(fuzz::is_inside(raw, query.data(), query.size()) || raw.empty());
  require(routing::decodes_to(raw, *first));
  require(parameters.decoded(*found) == *first && parameters.decoded(*found) == *first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lines = fuzz::lines_of(fuzz::whole_text(data, size));
  const std::string_view query = lines.front();
  routing::Parameters parameters;
  for (const std::string_view name : lines) check_name(parameters, query, std::string(name));
  // All names that the query has, as they are decoded.
  for (const std::string_view pair : text::split(query, '&')) {
    const std::string name = encoded(pair.substr(0, pair.find('=')));
    const commands::Query one(name + "=" + name);
    const std::string raw(pair.substr(0, pair.find('=')));
    require(one.first(raw) == raw);
    require(routing::decodes_to(name, raw));
    check_name(parameters, query, raw);
  }
  require(parameters.steps() < 4 * (query.size() + 1) + routing::Parameters::most * (lines.size() + query.size() + 1));
  return 0;
}
