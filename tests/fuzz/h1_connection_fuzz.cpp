// SPDX-License-Identifier: Apache-2.0
// Connection options, against a plain reading of them. Lines that begin with '=' name fields of the message, all others
// are values of its Connection fields.

#include "http/h1/connection_options.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "require.hpp"
#include "syntax/token.hpp"
#include "text_parts.hpp"

namespace sallyport::http::h1 {
namespace {

using fuzz::require;
using syntax::HeaderId;

constexpr std::size_t most_options = 32;

std::vector<std::string> plain_options(std::string_view value) {
  std::vector<std::string> all;
  for (const std::string_view item : text::split(value, ',')) {
    const std::string option = syntax::lower(syntax::trim_ows(item));
    if (!option.empty()) all.push_back(option);
  }
  return all;
}

bool has(const std::vector<std::string>& all, std::string_view one) { return std::ranges::find(all, one) != all.end(); }

// What the message is left with.
void check_removal(const std::vector<std::string>& names, const Fields& fields,
                   const std::vector<std::string>& options) {
  for (const Field& field : fields) require(field.id != HeaderId::connection);
  std::size_t left = 0;
  for (const std::string& name : names) {
    const bool stays = syntax::is_managed_name(name) || !has(options, syntax::lower(name));
    const bool there = fields.find(name) != nullptr;
    if (stays && syntax::header_id(name) != HeaderId::connection) require(there);
    left += there ? 1 : 0;
    // Fields of the hop are taken out elsewhere, by their ids.
    if (!stays && !syntax::is_hop_by_hop(syntax::header_id(name)) && !syntax::equals_ignore_case(name, "close")) {
      require(!there);
    }
  }
  require(left >= fields.size());
}

}  // namespace
}  // namespace sallyport::http::h1

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::http::h1;
  using namespace sallyport;
  using fuzz::require;
  Arena arena;
  http::Fields fields(arena);
  ConnectionOptions options;
  std::vector<std::string> all;
  std::vector<std::string> names;
  for (const std::string_view line : fuzz::lines_of(fuzz::whole_text(data, size))) {
    if (line.starts_with('=')) {
      if (fields.add(line.substr(1), "value")) names.emplace_back(line.substr(1));
      continue;
    }
    if (!syntax::is_field_value(line)) continue;
    const std::vector<std::string> more = plain_options(line);
    const bool tokens = std::ranges::all_of(more, [](const std::string& one) { return syntax::is_token(one); });
    const ConnectionOptions::Read read = options.read(line, most_options);
    require((read == ConnectionOptions::Read::malformed) == !tokens);
    if (read == ConnectionOptions::Read::malformed || read == ConnectionOptions::Read::too_many) return 0;
    if (read == ConnectionOptions::Read::names_fields &&
        !fields.append(syntax::HeaderId::connection, "connection", line))
      return 0;
    all.insert(all.end(), more.begin(), more.end());
  }
  require(options.close() == has(all, "close"));
  require(options.keep_alive() == has(all, "keep-alive"));
  require(options.upgrade() == has(all, "upgrade"));
  const std::size_t before = names.size();
  if (!options.names_fields()) return 0;
  ConnectionOptions::remove_named(fields);
  require(fields.size() <= before);
  check_removal(names, fields, all);
  return 0;
}
