// SPDX-License-Identifier: Apache-2.0
// How far a run of allowed bytes goes: sixteen at a time where there is SSE2, never reading past the end. Pure.

#pragma once

#include <bit>

#include "syntax/token.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sallyport::http {

// May stand in a field value: all but CTLs, and HTAB (RFC 9110 5.5, obs-text included).
constexpr bool is_value_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 ? byte != 0x7f : byte == '\t';
}

// May stand in a request target, which has no fragment: VCHAR but '#'.
constexpr bool is_target_byte(char c) { return c > 0x20 && c < 0x7f && c != '#'; }

// The first byte that may not stand in a field value; `end` if all may.
inline const char* value_end(const char* at, const char* end) {
#ifdef __SSE2__
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i not_control = _mm_cmpeq_epi8(_mm_max_epu8(block, _mm_set1_epi8(0x20)), block);
    const __m128i tab = _mm_cmpeq_epi8(block, _mm_set1_epi8('\t'));
    const __m128i del = _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7f));
    const int good = _mm_movemask_epi8(_mm_andnot_si128(del, _mm_or_si128(not_control, tab)));
    if (good != 0xffff) return at + std::countr_one(static_cast<unsigned>(good));
  }
#endif
  while (at != end && is_value_byte(*at)) ++at;
  return at;
}

// The first byte that may not stand in a token; `end` if all may. Names are nearly always letters, digits and '-',
// which is what the blocks look for; the table knows the rest.
inline const char* token_end(const char* at, const char* end) {
#ifdef __SSE2__
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i letter = _mm_sub_epi8(_mm_or_si128(block, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
    const __m128i digit = _mm_sub_epi8(block, _mm_set1_epi8('0'));
    const __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
    const __m128i is_digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit);
    const __m128i is_dash = _mm_cmpeq_epi8(block, _mm_set1_epi8('-'));
    const int good = _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(is_letter, is_digit), is_dash));
    if (good == 0xffff) continue;
    at += std::countr_one(static_cast<unsigned>(good));
    if (!syntax::is_token_char(*at)) return at;
    break;
  }
#endif
  while (at != end && syntax::is_token_char(*at)) ++at;
  return at;
}

// The first byte that may not stand in a request target; `end` if all may.
inline const char* target_end(const char* at, const char* end) {
#ifdef __SSE2__
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i above_space = _mm_cmpgt_epi8(block, _mm_set1_epi8(0x20));  // signed: false from 0x80 on
    const __m128i hash = _mm_cmpeq_epi8(block, _mm_set1_epi8('#'));
    const __m128i del = _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7f));
    const int good = _mm_movemask_epi8(_mm_andnot_si128(_mm_or_si128(hash, del), above_space));
    if (good != 0xffff) return at + std::countr_one(static_cast<unsigned>(good));
  }
#endif
  while (at != end && is_target_byte(*at)) ++at;
  return at;
}

}  // namespace sallyport::http
