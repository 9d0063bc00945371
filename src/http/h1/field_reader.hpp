// SPDX-License-Identifier: Apache-2.0
// Reads the field lines of a head or of trailers, one a call, strictly: token, colon, value, CRLF, and nothing else
// (RFC 9112 5; reference: reliability-security.md H1-6 to H1-8, H1-15). What a field means is the caller's.
//
// Its texts are views of the bytes it is given. Pure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.hpp"
#include "http/scan.hpp"

namespace sallyport::http::h1 {

class FieldReader {
 public:
  enum class Found : std::uint8_t { field, end, more, refused };

  // `at` is where the first line starts; more than `most` fields are refused.
  FieldReader(std::string_view bytes, std::size_t at, std::size_t most)
      : begin_(bytes.data()), at_(bytes.data() + at), end_(bytes.data() + bytes.size()), left_(most) {}

  Found next() {
    if (at_ == end_) return Found::more;
    const char* const name_end = token_end(at_, end_);
    if (name_end == at_ && *at_ == '\r') return empty_line();
    if (left_ == 0) return refuse(Code::header_too_large, "H1-15", "too many fields");
    if (name_end == end_) return Found::more;
    if (*name_end != ':' || name_end == at_) return refuse_name(name_end);

    const char* value_start = name_end + 1;
    while (value_start != end_ && is_ows(*value_start)) ++value_start;
    const char* const value_stop = value_end(value_start, end_);
    if (end_ - value_stop < 2) return no_line_end(value_stop);
    if (value_stop[0] != '\r' || value_stop[1] != '\n') return refuse_line_end(value_stop);

    const char* last = value_stop;
    while (last != value_start && is_ows(last[-1])) --last;
    name_ = {at_, static_cast<std::size_t>(name_end - at_)};
    value_ = {value_start, static_cast<std::size_t>(last - value_start)};
    at_ = value_stop + 2;
    --left_;
    return Found::field;
  }

  // Of the last field.
  std::string_view name() const { return name_; }
  // Without the blanks around it.
  std::string_view value() const { return value_; }

  // After the end: the first byte behind the empty line.
  std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }

  // Of a refusal: bad_request or header_too_large. The detail is a literal's text.
  Error error() const { return {.code = code_, .rule = rule_, .detail = what_}; }

 private:
  static bool is_ows(char c) { return c == ' ' || c == '\t'; }

  Found refuse(Code code, const char* rule, const char* what) {
    code_ = code;
    rule_ = rule;
    what_ = what;
    return Found::refused;
  }

  Found empty_line() {
    if (end_ - at_ < 2) return Found::more;
    if (at_[1] != '\n') return refuse_line_end(at_);
    at_ += 2;
    return Found::end;
  }

  // There are fewer than two bytes at `stop`.
  Found no_line_end(const char* stop) {
    if (stop == end_ || *stop == '\r') return Found::more;
    return refuse_line_end(stop);
  }

  Found refuse_name(const char* stop);
  Found refuse_line_end(const char* stop);

  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t left_;
  std::string_view name_;
  std::string_view value_;
  Code code_ = Code::bad_request;
  const char* rule_ = "";
  const char* what_ = "";
};

}  // namespace sallyport::http::h1
