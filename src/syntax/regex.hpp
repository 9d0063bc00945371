// SPDX-License-Identifier: Apache-2.0
// Regular expressions that people write in their configuration: RE2's syntax, in linear time whatever the text, and
// bounded in size. A text fits when the whole of it does; who means "somewhere in it" writes .* around.
//
// Any thread may ask; what is found of a text depends on nothing else. Behind that lies a cache of states that grows
// as texts are read, under RE2's own lock, up to max_regex_memory: all of them together take no more than their number
// times that. Copies share it.

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
inline constexpr std::size_t max_regex_memory =
    std::size_t{128} * 1024;  // bytes, of its program and its cache together

class Regex {
 public:
  // The error says what is wrong with it, for whoever wrote it; also when it could not be asked quickly within
  // max_regex_memory.
  static Result<Regex> compile(std::string_view pattern, bool ignore_case = false);

  bool fits(std::string_view text) const;
  // What every text that fits begins with; may be empty, and is when case is ignored.
  const std::string& literal_prefix() const { return literal_prefix_; }
  // That tells how a path begins, beyond the '/' that every path begins with.
  bool begins_path() const { return literal_prefix_.size() > 1; }

 private:
  Regex(std::shared_ptr<const re2::RE2> compiled, std::string literal_prefix)
      : compiled_(std::move(compiled)), literal_prefix_(std::move(literal_prefix)) {}

  std::shared_ptr<const re2::RE2> compiled_;
  std::string literal_prefix_;
};

}  // namespace sallyport::syntax
