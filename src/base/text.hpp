// SPDX-License-Identifier: Apache-2.0
// Small text tools: cat(...) glues texts and integers with one allocation; join, split.

#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <initializer_list>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::text {

// One piece of a cat(): a text, or an integer written in decimal.
class Piece {
 public:
  Piece(std::string_view text) : text_(text) {}    // NOLINT(google-explicit-constructor)
  Piece(const std::string& text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  Piece(const char* text) : text_(text) {}         // NOLINT(google-explicit-constructor)
  template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
  Piece(Number number) {  // NOLINT(google-explicit-constructor)
    const auto written = std::to_chars(digits_.data(), digits_.data() + digits_.size(), number);
    size_ = static_cast<std::size_t>(written.ptr - digits_.data());
  }

  std::string_view view() const { return size_ != 0 ? std::string_view(digits_.data(), size_) : text_; }

 private:
  std::string_view text_;
  std::array<char, 20> digits_{};
  std::size_t size_ = 0;
};

inline std::string cat(std::initializer_list<Piece> pieces) {
  std::size_t size = 0;
  for (const Piece& piece : pieces) size += piece.view().size();
  std::string all;
  all.reserve(size);
  for (const Piece& piece : pieces) all += piece.view();
  return all;
}

template <class... Pieces>
std::string cat(const Pieces&... pieces) {
  return cat({Piece(pieces)...});
}

template <std::ranges::input_range Texts>
std::string join(const Texts& texts, std::string_view between) {
  std::string all;
  bool first = true;
  for (const auto& text : texts) {
    if (!first) all += between;
    all += text;
    first = false;
  }
  return all;
}

// "a,b,,c" by ',' is "a", "b", "", "c"; the empty text is one empty part.
inline std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(by);
    parts.push_back(text.substr(0, at));
    if (at == text.npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace sallyport::text
