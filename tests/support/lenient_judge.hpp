// SPDX-License-Identifier: Apache-2.0
// Servers and clients as they are met behind and before a gateway: each repairs or overlooks something else. All of
// them must see the same messages in what the gateway writes. Pure.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::support::smuggling {

struct Habits {
  enum class LineEnd : std::uint8_t { crlf, or_lf, or_cr };
  enum class Fold : std::uint8_t { joins, drops, is_a_line };
  enum class Coding : std::uint8_t { exact, contains_chunked, last_is_chunked, first_line };
  enum class Length : std::uint8_t { first, last, longest };
  enum class Number : std::uint8_t { digits, any_prefix, any_base };

  std::string_view name;
  LineEnd line_end = LineEnd::or_lf;
  Fold fold = Fold::joins;
  Coding coding = Coding::exact;
  Length length = Length::first;
  Number number = Number::digits;
  bool coding_wins = true;          // over a length
  bool trims_name = false;          // "Content-Length :"
  bool trims_controls = false;      // of values: all below 0x21, 0x85 and 0xa0
  bool underscore_is_dash = false;  // as CGI makes names
  bool nul_ends_value = false;
  bool blank_line_ends_head = false;  // also one of blanks
  bool last_host = false;
  bool checks_chunk_end = true;  // else two bytes are skipped, whatever they are
  bool skips_any_lead = false;   // CR, LF and blanks before a message
};

std::span<const Habits> judges();

struct Seen {
  std::string_view method;  // of a response: its status
  std::string_view target;
  std::string_view host;
  std::string body;

  bool operator==(const Seen&) const = default;
};

struct Verdict {
  std::vector<Seen> messages;
  bool whole = true;  // nothing is left behind the last of them
};

Verdict judge_requests(std::string_view bytes, const Habits& habits);

// With the methods asked with; the stream ends behind the bytes. No client makes names of fields as CGI does.
Verdict judge_responses(std::string_view bytes, std::span<const std::string> methods, const Habits& habits);

}  // namespace sallyport::support::smuggling
