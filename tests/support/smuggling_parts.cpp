// SPDX-License-Identifier: Apache-2.0
#include "support/smuggling_parts.hpp"

#include <array>
#include <utility>

namespace sallyport::support {
namespace {

using namespace std::string_view_literals;

std::string hex(std::size_t number) {
  std::string text;
  do {
    text.insert(text.begin(), "0123456789abcdef"[number % 16]);
    number /= 16;
  } while (number != 0);
  return text;
}

class FramingGrower {
 public:
  explicit FramingGrower(Parts& parts) : parts_(parts) {}

  Framed grow() {
    fields_and_body();
    return std::move(framed_);
  }

 private:
  void fields_and_body() {
    const std::size_t kind = parts_.dice.below(6);
    if (kind < 2) return;
    const bool chunked = kind >= 4;
    const std::string body = a_body();
    if (chunked) {
      chunks(body);
      coding_lines();
      if (parts_.odd()) length_lines(parts_.dice.one_in(2) ? framed_.body.size() : body.size());
    } else {
      framed_.body = body;
      length_lines(body.size());
      if (parts_.odd()) coding_lines();
    }
  }

  std::string a_body() {
    std::string body(
        parts_.dice.pick({"", "hello", "a=1&b=2", "0\r\n\r\n", "\r\n\r\n", "\r\n", "\0\xff\n"sv, "5\r\n"}));
    if (parts_.dice.one_in(3)) body += hidden_request;
    if (parts_.dice.one_in(8)) body += hidden_response;
    if (parts_.dice.one_in(6)) body += "0\r\n\r\n" + std::string(hidden_request);
    return body;
  }

  void length_lines(std::size_t size) {
    std::string value = std::to_string(size);
    if (parts_.dice.one_in(8)) value.insert(0, parts_.dice.pick({"0", "00", "0000000000"}));
    if (parts_.odd()) {
      switch (parts_.dice.below(12)) {
        case 0:
          value.insert(0, parts_.dice.pick({"+", "-", " ", "0x", "\v", "_", "\""}));
          break;
        case 1:
          value += parts_.dice.pick({"\0"sv, " 0", ";", ",", ".0", "_0", "\x0b", "\"", "e0"});
          break;
        case 2:
          value = std::to_string(size + 1 + parts_.dice.below(40));
          break;
        case 3:
          value = std::to_string(size / 2);
          break;
        case 4:
          value += "," + value;
          break;
        case 5:
          value += ", 0";
          break;
        case 6:
          value = "18446744073709551616";
          break;
        case 7:
          value = std::string(20, '0') + value;
          break;
        case 8:
          value = "";
          break;
        case 9:
          value = "9223372036854775808";
          break;
        default:
          framed_.lines.push_back(
              parts_.field("Content-Length", parts_.dice.pick({"0", std::string_view(value), "5", "1"})));
      }
    }
    framed_.lines.push_back(parts_.field(
        parts_.part("Content-Length",
                    {"Content_Length", "Content-Length ", "Content-Lengt", "XContent-Length", "Content Length"}),
        value));
  }

  void coding_lines() {
    const std::string_view value =
        parts_.part(parts_.dice.pick({"chunked", "chunked", "chunked", "Chunked", "CHUNKED"}), {"xchunked",
                                                                                                "chunked, identity",
                                                                                                "identity",
                                                                                                "gzip, chunked",
                                                                                                "chunked,chunked",
                                                                                                "chunked;q=1",
                                                                                                "\"chunked\"",
                                                                                                "\vchunked",
                                                                                                "chunked\0"sv,
                                                                                                "chun\xa0ked",
                                                                                                "chunked,",
                                                                                                ",chunked",
                                                                                                "",
                                                                                                "chunked gzip",
                                                                                                "chunked\r\n ",
                                                                                                "\r\n chunked",
                                                                                                "chunked\x0c",
                                                                                                "c\r\n hunked",
                                                                                                "identity, chunked",
                                                                                                "cHuNkEd\t,"});
    if (parts_.odd())
      framed_.lines.push_back(
          parts_.field("Transfer-Encoding", parts_.dice.pick({"chunked", "identity", "gzip", "x"})));
    framed_.lines.push_back(
        parts_.field(parts_.part("Transfer-Encoding", {"Transfer_Encoding", "Transfer-Encoding ", "Transfer-Encodin",
                                                       "XTransfer-Encoding", "transfer\r\n-encoding"}),
                     value));
  }

  void chunks(std::string_view body) {
    while (!body.empty()) {
      const std::size_t size = 1 + parts_.dice.below(body.size());
      chunk(body.substr(0, size));
      body.remove_prefix(size);
    }
    framed_.body +=
        parts_.part(parts_.dice.pick({"0", "0", "000"}), {"0 ", "00000000000000000", "", "0;x", "0x0", "-0", "0\n"});
    chunk_end();
    if (parts_.dice.one_in(5)) {
      framed_.body += parts_.field(
          parts_.dice.pick({"X-Trailer", "Content-Length", "Transfer-Encoding", "Host", "X_T", "X-Forwarded-For"}),
          parts_.dice.pick({"1", "chunked", ""}));
      chunk_end();
    }
    framed_.body += parts_.part("\r\n", {"\n", "", "\r", "\r\r\n", "x\r\n", "\n\r\n", "\r\nx"});
  }

  void chunk(std::string_view data) {
    std::string size = hex(data.size());
    if (parts_.dice.one_in(8)) size.insert(0, "00");
    if (parts_.dice.one_in(8)) size += parts_.dice.pick({";a=b", ";a", ";a=\"q\\\"x;\"", ";a=b;c=d"});
    if (parts_.odd()) {
      switch (parts_.dice.below(7)) {
        case 0:
          size = hex(data.size() + 1 + parts_.dice.below(20));
          break;
        case 1:
          size = hex(data.size() - 1);
          break;
        case 2:
          size.insert(0, parts_.dice.pick({"0x", " ", "+", "-", "\t", "\v", "\"", "0X"}));
          break;
        case 3:
          size += parts_.dice.pick(
              {" ", "\t", ";", " ;a=b", ";a =b", ";a= b", ";a=\"\x80\"", ";\0"sv, "_1", "g", ";a=\"b", ";\n", ";a\rb"});
          break;
        case 4:
          size.insert(0, std::string(14, '0'));
          break;
        case 5:
          size.insert(0, "1000000000000000");
          break;
        default:
          size = parts_.dice.pick({"7fffffffffffffff", "8000000000000000", "ffffffffffffffff", "\n", ""});
      }
    }
    framed_.body += size;
    chunk_end();
    framed_.body += data;
    framed_.body += parts_.part("\r\n", {"", "\n", "X\r\n", "\r", "\r\n\r\n", "XX", "\n\r", "\r\nX", "\rX", "X\n"});
  }

  void chunk_end() {
    framed_.body += parts_.part("\r\n", {"\n", "\r", "", "\r\r\n", "\r\n\r\n", " \r\n", " \n", "\n\n", "\rX", "X\n"});
  }

  Parts& parts_;
  Framed framed_;
};

}  // namespace

void Parts::begin_message() {
  base_ = std::array<std::size_t, 6>{0, 0, 30, 12, 5, 3}[dice.below(6)];
  focus_ = std::array<std::size_t, 6>{0, 1, 2, 2, 2, 3}[dice.below(6)];
  enter(Area::line);
}

void Parts::enter(Area area) {
  const bool here = focus_ == 3 || focus_ == static_cast<std::size_t>(area);
  rarity_ = here ? base_ : base_ * 10;
}

std::string_view Parts::line_end() {
  const bool wrong = rarity_ != 0 && dice.one_in(rarity_ * 6);
  return wrong ? dice.pick({"\n"sv, "\r"sv, "\r\r\n"sv, "\n\r"sv, "\r\n "sv, "\r\n\t"sv, "\0\r\n"sv, "\v\r\n"sv,
                            "\r\n\r\n"sv, ""sv, "\n\n"sv, "\x85"sv})
               : "\r\n"sv;
}

std::string Parts::field(std::string_view name, std::string_view value) {
  std::string line(rarity_ != 0 && dice.one_in(rarity_ * 4) ? dice.pick({" ", "\t", "\r"}) : ""sv);
  for (const char c : name) line += dice.one_in(12) && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  line += part("", {"_", "\0"sv, "\xa0", "\v", "-"});
  line += odd() ? dice.pick({" :", "\t:", "", ": \v", "=", "::", ":\r\n ", " : "})
                : dice.pick({": ", ": ", ":", ":\t", ":   "});
  line += value;
  line += part("", {" ", "\t ", "\v", "\0"sv, "\xa0", "\r", ",", ";", "\r\n x", "\r\n\tx: y"});
  return line;
}

Framed framed_body(Parts& parts) { return FramingGrower(parts).grow(); }

}  // namespace sallyport::support
