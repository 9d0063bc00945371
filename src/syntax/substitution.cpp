// SPDX-License-Identifier: Apache-2.0
#include "syntax/substitution.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/text.hpp"
#include "syntax/regex.hpp"

namespace sallyport::syntax {
namespace {

constexpr std::size_t most_groups = 10;  // \0 to \9

// Goes on counting when the room is full.
class Writer {
 public:
  explicit Writer(std::span<char> room) : room_(room) {}

  void put(std::string_view text) {
    if (size_ < room_.size()) {
      const std::size_t fits = std::min(text.size(), room_.size() - size_);
      if (fits != 0) std::memcpy(room_.data() + size_, text.data(), fits);
    }
    size_ += text.size();
  }
  std::size_t size() const { return size_; }

 private:
  std::span<char> room_;
  std::size_t size_ = 0;
};

std::string_view view(const re2::StringPiece& piece) { return {piece.data(), piece.size()}; }

}  // namespace

Result<Substitution> Substitution::compile(std::string_view regex, std::string_view replacement) {
  // That it is one, of a size that can be asked quickly.
  if (const auto checked = Regex::compile(regex); !checked) return fail(checked.error());
  if (replacement.size() > max_substitution_length) {
    return fail(invalid(text::cat("a replacement of more than ", max_substitution_length, " bytes")));
  }
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(static_cast<std::int64_t>(max_regex_memory));
  Substitution made(regex, replacement);
  made.compiled_ = std::make_shared<const re2::RE2>(re2::StringPiece(regex.data(), regex.size()), options);
  if (!made.compiled_->ok()) {
    return fail(invalid(text::cat("\"", regex, "\" is no regular expression: ", made.compiled_->error())));
  }
  if (auto read = made.read_pieces(); !read) return fail(std::move(read.error()));
  return made;
}

Result<void> Substitution::read_pieces() {
  const int known = compiled_->NumberOfCapturingGroups();
  Piece piece;
  for (std::size_t at = 0; at < replacement_.size(); ++at) {
    if (replacement_[at] != '\\') {
      piece.literal += replacement_[at];
      continue;
    }
    const char digit = ++at < replacement_.size() ? replacement_[at] : '\0';
    if (digit < '0' || digit > '9') {
      return fail(invalid(text::cat("\"", replacement_, "\" has a '\\' without the number of a group, 0 to 9")));
    }
    piece.group = digit - '0';
    if (piece.group > known) {
      return fail(invalid(
          text::cat("\"", replacement_, "\" asks for group ", piece.group, ", and the expression has ", known)));
    }
    groups_ = std::max(groups_, piece.group + 1);
    pieces_.push_back(std::move(piece));
    piece = Piece();
  }
  if (!piece.literal.empty()) pieces_.push_back(std::move(piece));
  return {};
}

std::optional<std::size_t> Substitution::apply(std::string_view text, std::span<char> room) const {
  const re2::StringPiece all(text.data(), text.size());
  std::array<re2::StringPiece, most_groups> groups;
  Writer out(room);
  std::size_t copied = 0;  // of the text
  std::size_t places = 0;
  for (std::size_t at = 0; at <= text.size();) {
    if (!compiled_->Match(all, at, all.size(), re2::RE2::UNANCHORED, groups.data(), groups_)) break;
    const std::string_view found = view(groups[0]);
    const auto begin = static_cast<std::size_t>(found.data() - text.data());
    // Nothing, right behind what was replaced, is not a second place.
    if (found.empty() && places != 0 && begin == copied) {
      at = begin + 1;
      continue;
    }
    if (++places > max_substituted_places) return std::nullopt;
    out.put(text.substr(copied, begin - copied));
    for (const Piece& piece : pieces_) {
      out.put(piece.literal);
      if (piece.group != Piece::none) out.put(view(groups[static_cast<std::size_t>(piece.group)]));
    }
    copied = begin + found.size();
    at = found.empty() ? copied + 1 : copied;
  }
  out.put(text.substr(copied));
  return out.size();
}

}  // namespace sallyport::syntax
