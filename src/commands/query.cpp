// SPDX-License-Identifier: Apache-2.0
#include "commands/query.hpp"

#include <algorithm>
#include <cstdint>

#include "base/number.hpp"
#include "base/text.hpp"

namespace sallyport::commands {
namespace {

// A '%' without two hex digits stays what it is.
std::string decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto octet =
        text[at] == '%' && at + 2 < text.size() ? parse_hex<std::uint8_t>(text.substr(at + 1, 2)) : std::nullopt;
    if (octet) {
      out += static_cast<char>(*octet);
      at += 2;
    } else {
      out += text[at] == '+' ? ' ' : text[at];
    }
  }
  return out;
}

}  // namespace

Query::Query(std::string_view text) {
  if (text.empty()) return;
  for (const std::string_view pair : text::split(text, '&')) {
    const std::size_t equals = pair.find('=');
    const std::string_view value = equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
    parameters_.emplace_back(decoded(pair.substr(0, equals)), decoded(value));
  }
}

std::optional<std::string> Query::first(std::string_view name) const {
  for (const auto& [key, value] : parameters_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string> Query::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : parameters_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

std::string Query::misnamed(std::span<const std::string_view> known, std::string_view repeatable) const {
  std::string names = known.empty() ? "there are none" : "there are ";
  for (const std::string_view one : known) names += text::cat(one == known.front() ? "" : ", ", one);
  for (const auto& [key, value] : parameters_) {
    if (std::ranges::find(known, key) == known.end()) return text::cat("unknown parameter ", key, "; ", names);
    if (key != repeatable && all(key).size() > 1) return text::cat("parameter ", key, " is given twice; ", names);
  }
  return {};
}

}  // namespace sallyport::commands
