// SPDX-License-Identifier: Apache-2.0
// Families of Prometheus metrics as they are filled, as text from the first (exposition format 0.0.4), and how many
// series they make: thousands of them cost a millisecond or two of the control thread.

#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/text.hpp"

namespace sallyport::commands {

struct Label {
  std::string_view name;
  std::string_view value;
};

using Labels = std::initializer_list<Label>;

// Names and helps are literals.
class Families {
 public:
  void counter(std::string_view name, std::string_view help, Labels labels, std::uint64_t value) {
    add(family(name, help, "counter"), name, "", labels, {}, value);
  }
  void gauge(std::string_view name, std::string_view help, Labels labels, std::uint64_t value) {
    add(family(name, help, "gauge"), name, "", labels, {}, value);
  }
  // `bounds` are upper ones in milliseconds; `counts` has one more, of what is above all of them. `sum` is in seconds.
  template <class Number>
  void durations(std::string_view name, std::string_view help, Labels labels, std::span<const Number> bounds,
                 std::span<const std::uint64_t> counts, double sum) {
    std::string& out = family(name, help, "histogram");
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      below += counts[i];
      const std::string bound = i < bounds.size() ? shortest(static_cast<double>(bounds[i]) / 1000) : "+Inf";
      add(out, name, "_bucket", labels, bound, below);
    }
    add(out, name, "_sum", labels, {}, shortest(sum));
    add(out, name, "_count", labels, {}, below);
  }

  std::size_t series() const { return series_; }

  std::string text() const {
    std::size_t size = 0;
    for (const auto& [name, lines] : families_) size += lines.size();
    std::string all;
    all.reserve(size);
    for (const auto& [name, lines] : families_) all += lines;
    return all;
  }

 private:
  static std::string shortest(double number) {
    std::array<char, 32> digits;
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr};
  }

  static void append_label(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += "=\"";
    for (const char c : value) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n') {
        out += "\\n";
      } else {
        out += c;
      }
    }
    out += '"';
  }

  std::string& family(std::string_view name, std::string_view help, std::string_view type) {
    std::string& lines = families_[name];
    if (lines.empty()) lines = text::cat("# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n");
    return lines;
  }

  // `bound` is of a bucket; empty: it is none.
  void add(std::string& out, std::string_view name, std::string_view suffix, Labels labels, std::string_view bound,
           text::Piece value) {
    ++series_;
    out += name;
    out += suffix;
    char before = '{';
    for (const Label& label : labels) {
      out += before;
      append_label(out, label.name, label.value);
      before = ',';
    }
    if (!bound.empty()) {
      out += before;
      append_label(out, "le", bound);
      before = ',';
    }
    if (before == ',') out += '}';
    out += ' ';
    out += value.view();
    out += '\n';
  }

  std::map<std::string_view, std::string> families_;
  std::size_t series_ = 0;
};

}  // namespace sallyport::commands
