// SPDX-License-Identifier: Apache-2.0
#include "syntax/regex.hpp"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>

#include "base/text.hpp"

namespace sallyport::syntax {
namespace {

constexpr std::size_t longest_known_prefix = 256;  // bytes of which a prefix is told

// Every text that fits lies between the two, so what they share at their begin is shared by all.
std::string shared_prefix(const re2::RE2& regex) {
  std::string least;
  std::string most;
  if (!regex.PossibleMatchRange(&least, &most, longest_known_prefix)) return {};
  const auto end = std::ranges::mismatch(least, most).in1;
  return {least.begin(), end};
}

// RE2 without room for its states goes on without them, but many times slower and from the heap for each text. Whether
// there is room it tells of sets only; half of what one expression gets, since a set needs less for each state.
bool has_room(std::string_view pattern, re2::RE2::Options options) {
  options.set_max_mem(static_cast<std::int64_t>(max_regex_memory / 3));
  re2::RE2::Set alone(options, re2::RE2::ANCHOR_BOTH);
  return alone.Add(re2::StringPiece(pattern.data(), pattern.size()), nullptr) == 0 && alone.Compile();
}

Failure too_large(std::string_view pattern) {
  return fail(invalid(text::cat("\"", pattern, "\" is too large: compiled, a regular expression may take ",
                                max_regex_memory / 1024, " KiB")));
}

Failure no_regex(std::string_view pattern, const re2::RE2& compiled) {
  if (compiled.error_code() == re2::RE2::ErrorPatternTooLarge) return too_large(pattern);
  return fail(invalid(text::cat("\"", pattern, "\" is no regular expression: ", compiled.error())));
}

}  // namespace

Result<Regex> Regex::compile(std::string_view pattern, bool ignore_case) {
  if (pattern.size() > max_regex_length) {
    return fail(invalid(text::cat("a regular expression of more than ", max_regex_length, " bytes")));
  }
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(static_cast<std::int64_t>(max_regex_memory));
  options.set_case_sensitive(!ignore_case);
  options.set_never_capture(true);
  // Anchored, so that the prefix is known. A pattern may hold alternatives, hence the group.
  const std::string whole = text::cat("\\A(?:", pattern, ")\\z");
  // What is wrong is told of the pattern as it was written; one that closes the group above is wrong by itself.
  const re2::RE2 alone(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!alone.ok()) return no_regex(pattern, alone);
  auto compiled = std::make_shared<const re2::RE2>(whole, options);
  if (!compiled->ok()) return no_regex(pattern, *compiled);
  if (!has_room(pattern, options)) return too_large(pattern);
  std::string prefix = ignore_case ? std::string() : shared_prefix(*compiled);
  return Regex(std::move(compiled), std::move(prefix));
}

bool Regex::fits(std::string_view text) const {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace sallyport::syntax
