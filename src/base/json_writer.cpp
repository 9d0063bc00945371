// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.hpp"

#include <algorithm>
#include <bit>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sallyport {
namespace {

bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

// How many bytes at the beginning can stand as they are.
std::size_t plain_size(std::string_view text) {
  std::size_t at = 0;
#ifdef __SSE2__
  for (; text.size() - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i above_control = _mm_cmpgt_epi8(block, _mm_set1_epi8(0x1f));  // signed: false from 0x80 on
    const __m128i quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    const int good = _mm_movemask_epi8(_mm_andnot_si128(_mm_or_si128(quote, backslash), above_control));
    if (good != 0xffff) return at + static_cast<std::size_t>(std::countr_one(static_cast<unsigned>(good)));
  }
#endif
  while (at < text.size() && is_plain(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

struct Sequence {
  std::size_t size;  // bytes to take
  bool good;
};

// Unicode 3.9, table 3-7: the well-formed sequences. A wrong one is as long as its part that could have begun a right
// one.
Sequence utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead >= 0xC2 && lead <= 0xDF   ? 2
                           : lead >= 0xE0 && lead <= 0xEF ? 3
                           : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                          : 0;
  if (size == 0) return {1, false};
  const unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t at = 1; at < size; ++at) {
    if (at >= text.size()) return {at, false};
    const bool fits = at == 1 ? byte(at) >= least && byte(at) <= most : (byte(at) & 0xC0) == 0x80;
    if (!fits) return {at, false};
  }
  return {size, true};
}

void append_escaped(std::string& out, unsigned char c) {
  static constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += hex[c >> 4];
  out += hex[c & 15];
}

// So many more bytes at the end, for the caller to write: one step instead of one for each part.
char* grow(std::string& out, std::size_t by) {
  const std::size_t before = out.size();
  // libstdc++ 12 gives the function what there is room for, not the size that was asked for.
  out.resize_and_overwrite(before + by, [&](char*, std::size_t) { return before + by; });
  return out.data() + before;
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  if (const std::size_t plain = plain_size(text); plain == text.size()) {  // nearly all are
    char* at = grow(out, text.size() + 2);
    *at++ = '"';
    at = std::copy(text.begin(), text.end(), at);
    *at = '"';
    return;
  }
  out += '"';
  while (!text.empty()) {
    const std::size_t plain = plain_size(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto c = static_cast<unsigned char>(text.front());
    if (c < 0x80) {
      append_escaped(out, c);
      text.remove_prefix(1);
      continue;
    }
    const Sequence sequence = utf8_sequence(text);
    if (sequence.good) {
      out += text.substr(0, sequence.size);
    } else {
      out += "\\ufffd";
    }
    text.remove_prefix(sequence.size);
  }
  out += '"';
}

JsonWriter& JsonWriter::key_of(std::string_view name) {
  next_item();
  append_json_text(out_, name);
  out_ += indent_ == 0 ? ":" : ": ";
  after_key_ = true;
  return *this;
}

// On one line, and of a name that needs no escape: all at once.
JsonWriter& JsonWriter::key(PlainName name) {
  if (indent_ != 0) return key_of(name.text);
  char* at = grow(out_, name.text.size() + (first_ ? 3 : 4));
  if (!first_) *at++ = ',';
  *at++ = '"';
  at = std::copy(name.text.begin(), name.text.end(), at);
  *at++ = '"';
  *at = ':';
  first_ = false;
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  next_item();
  append_json_text(out_, text);
  return *this;
}

JsonWriter& JsonWriter::literal(std::string_view text) {
  next_item();
  out_ += text;
  return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
  next_item();
  out_ += bracket;
  ++depth_;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  --depth_;
  if (!first_) next_line();
  out_ += bracket;
  first_ = false;
  return *this;
}

void JsonWriter::next_item() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!first_) out_ += ',';
  if (depth_ != 0) next_line();
  first_ = false;
}

void JsonWriter::next_line() {
  if (indent_ == 0) return;
  out_ += '\n';
  out_.append(static_cast<std::size_t>(indent_) * depth_, ' ');
}

}  // namespace sallyport
