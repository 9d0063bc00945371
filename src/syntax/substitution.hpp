// SPDX-License-Identifier: Apache-2.0
// A regular expression and what stands in place of everything that it finds: RE2's syntax, in linear time for each
// place, \0 to \9 for what its groups hold (\0: all of what was found; a group that took no part: nothing).
//
// Everywhere in a text, from left to right, not overlapping. Any thread may apply it, and copies share the compiled
// expression, as with Regex. RE2 takes memory from the heap where it has to look for the groups of an expression that
// can be read in several ways.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace re2 {
class RE2;
}

namespace sallyport::syntax {

inline constexpr std::size_t max_substitution_length = 4'096;  // bytes of the replacement
// Places of one text: each may take a walk through the rest of it.
inline constexpr std::size_t max_substituted_places = 64;

class Substitution {
 public:
  struct Piece {
    std::string literal;
    int group = none;  // behind it

    static constexpr int none = -1;
  };

  // The error says what is wrong, for whoever wrote it: no expression (as Regex::compile), a '\' without a digit behind
  // it, a group that the expression does not have.
  static Result<Substitution> compile(std::string_view regex, std::string_view replacement);

  // The size of the text with everything replaced. It is written as far as `room` reaches, which must not overlap
  // `text`. None: there are more than max_substituted_places.
  std::optional<std::size_t> apply(std::string_view text, std::span<char> room) const;

  const std::string& regex() const { return regex_; }
  const std::string& replacement() const { return replacement_; }
  const std::vector<Piece>& pieces() const { return pieces_; }

  bool operator==(const Substitution& other) const {
    return regex_ == other.regex_ && replacement_ == other.replacement_;
  }

 private:
  Substitution(std::string_view regex, std::string_view replacement) : regex_(regex), replacement_(replacement) {}

  Result<void> read_pieces();

  std::string regex_;
  std::string replacement_;
  std::vector<Piece> pieces_;
  int groups_ = 1;  // asked for: one more than the highest number
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace sallyport::syntax
