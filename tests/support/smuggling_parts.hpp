// SPDX-License-Identifier: Apache-2.0
// What smuggling_grammar.cpp grows messages from: parts that now and then are wrong, and framing that lies.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "support/dice.hpp"

namespace sallyport::support {

// What a body hides: whoever ends it too early takes this for the next message.
inline constexpr std::string_view hidden_request =
    "GET /hidden HTTP/1.1\r\nHost: hidden.example\r\nContent-Length: 3\r\n\r\n";
inline constexpr std::string_view hidden_response = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";

enum class Area : std::uint8_t { line, fields, framing };

class Parts {
 public:
  explicit Parts(std::uint64_t seed) : dice(seed) {}

  // How often something is wrong, and mostly where, is chosen anew for each message: many have no fault or one.
  void begin_message();
  void enter(Area area);

  bool odd() { return rarity_ != 0 && dice.one_in(rarity_); }
  // `right`, or where it goes wrong one of `wrong`.
  std::string_view part(std::string_view right, std::initializer_list<std::string_view> wrong) {
    return odd() ? dice.pick(wrong) : right;
  }
  std::string_view line_end();
  // A field line without its end.
  std::string field(std::string_view name, std::string_view value);

  Dice dice;

 private:
  std::size_t base_ = 0;
  std::size_t focus_ = 0;   // an Area, or none of them: all
  std::size_t rarity_ = 0;  // here one in so many parts is wrong; 0: none
};

// Content-Length, Transfer-Encoding or both or none, and the body as it goes on the wire.
struct Framed {
  std::vector<std::string> lines;
  std::string body;
};
Framed framed_body(Parts& parts);

}  // namespace sallyport::support
