// SPDX-License-Identifier: Apache-2.0

#include "syntax/token.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sallyport::syntax {
namespace {

constexpr std::array<bool, 256> value_table = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < 256; ++c) table[c] = c == '\t' || (c >= 0x20 && c != 0x7f);
  return table;
}();

bool all_in_table(std::string_view text) {
  for (const char c : text) {
    if (!value_table[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

#ifdef __SSE2__
bool block_is_value(const char* bytes) {
  const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
  const __m128i space = _mm_set1_epi8(0x20);
  const __m128i not_control = _mm_cmpeq_epi8(_mm_max_epu8(block, space), block);
  const __m128i tab = _mm_cmpeq_epi8(block, _mm_set1_epi8('\t'));
  const __m128i del = _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7f));
  return _mm_movemask_epi8(_mm_andnot_si128(del, _mm_or_si128(not_control, tab))) == 0xffff;
}
#endif

}  // namespace

std::string lower(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = lower(c);
  return all;
}

bool is_field_value(std::string_view text) {
#ifdef __SSE2__
  constexpr std::size_t block = 16;
  if (text.size() >= block) {
    const char* const last = text.data() + text.size() - block;
    for (const char* at = text.data(); at < last; at += block) {
      if (!block_is_value(at)) return false;
    }
    return block_is_value(last);  // may overlap the one before, so that nothing is read past the end
  }
#endif
  return all_in_table(text);
}

}  // namespace sallyport::syntax
