// SPDX-License-Identifier: Apache-2.0

#include "syntax/duration.hpp"

#include <cstdint>

#include "base/number.hpp"
#include "base/text.hpp"
#include "syntax/token.hpp"

namespace sallyport::syntax {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_groups = 4;
constexpr std::size_t most_digits = 5;

// How long one unit is; zero if there is no such unit.
milliseconds unit_length(std::string_view unit) {
  if (unit == "h") return std::chrono::hours(1);
  if (unit == "m") return std::chrono::minutes(1);
  if (unit == "s") return std::chrono::seconds(1);
  if (unit == "ms") return milliseconds(1);
  return {};
}

Failure refused(std::string_view why) {
  return fail(invalid(text::cat("not a duration (1 to 4 groups of 1 to 5 digits and h, m, s or ms, as 1m30s): ", why)));
}

}  // namespace

Result<milliseconds> parse_duration(std::string_view text) {
  if (text.empty()) return refused("empty");
  milliseconds total{};
  for (std::size_t group = 0; !text.empty(); ++group) {
    if (group == most_groups) return refused("more than 4 groups");
    std::size_t digits = 0;
    while (digits < text.size() && is_digit(text[digits])) ++digits;
    if (digits == 0) return refused("a digit was expected");
    if (digits > most_digits) return refused("more than 5 digits");
    std::size_t end = digits;
    while (end < text.size() && !is_digit(text[end])) ++end;
    const milliseconds unit = unit_length(text.substr(digits, end - digits));
    if (unit == milliseconds()) return refused("the unit is not h, m, s or ms");
    total += *parse_decimal<std::uint32_t>(text.substr(0, digits)) * unit;
    text.remove_prefix(end);
  }
  return total;
}

std::string duration_text(milliseconds duration) {
  if (duration == milliseconds()) return "0s";
  const bool negative = duration < milliseconds();
  auto rest = static_cast<std::uint64_t>(duration.count());
  if (negative) rest = 0 - rest;

  std::string all = negative ? "-" : "";
  const auto add = [&](std::uint64_t length, std::string_view unit) {
    if (rest >= length) all += text::cat(rest / length, unit);
    rest %= length;
  };
  add(3'600'000, "h");
  add(60'000, "m");
  add(1'000, "s");
  add(1, "ms");
  return all;
}

}  // namespace sallyport::syntax
