// SPDX-License-Identifier: Apache-2.0
// Regular expressions that people write in their configuration: RE2's syntax, in linear time whatever the text, and
// bounded in size. A text fits when the whole of it does; who means "somewhere in it" writes .* around.
//
// Immutable; any thread may ask.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace re2 {
class RE2;
}

namespace sallyport::syntax {

inline constexpr std::size_t max_regex_length = 4'096;  // bytes of its text

class Regex {
 public:
  // The error says what is wrong with it, for whoever wrote it.
  static Result<Regex> compile(std::string_view pattern, bool ignore_case = false);

  bool fits(std::string_view text) const;
  // What every text that fits begins with; may be empty, and is when case is ignored.
  const std::string& literal_prefix() const { return literal_prefix_; }

 private:
  Regex(std::shared_ptr<const re2::RE2> compiled, std::string literal_prefix)
      : compiled_(std::move(compiled)), literal_prefix_(std::move(literal_prefix)) {}

  std::shared_ptr<const re2::RE2> compiled_;
  std::string literal_prefix_;
};

}  // namespace sallyport::syntax
