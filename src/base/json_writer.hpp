// SPDX-License-Identifier: Apache-2.0
// Writes JSON (RFC 8259) at the end of a text that the caller owns. Commas are its business, nesting the caller's.
//
// Allocates only when that text grows. Bytes that are no UTF-8 become \ufffd, one for each maximal wrong run, so that
// what a client sent can never break a log line.

#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace sallyport {

// With its quotes.
void append_json_text(std::string& out, std::string_view text);

// A member's name that is a literal of ours: nothing in it needs an escape.
struct PlainName {
  template <std::size_t size>
  consteval PlainName(const char (&literal)[size]) : text(literal, size - 1) {
    for (const char c : text) {
      if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') throw "it needs an escape";
    }
  }

  std::string_view text;
};

// Any other name.
template <class Name>
concept NoLiteral = std::convertible_to<Name, std::string_view> && !std::is_array_v<Name>;

class JsonWriter {
 public:
  // Spaces for each level of nesting; 0 writes everything on one line.
  explicit JsonWriter(std::string& out, unsigned indent = 0) : out_(out), indent_(indent) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(PlainName name);
  template <NoLiteral Name>
  JsonWriter& key(const Name& name) {
    return key_of(name);
  }

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  template <std::same_as<bool> Bool>
  JsonWriter& value(Bool flag) {
    return literal(flag ? "true" : "false");
  }
  template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>)
  JsonWriter& value(Number number) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return literal(std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }
  JsonWriter& null() { return literal("null"); }
  // A value that is JSON already.
  JsonWriter& written(std::string_view json) { return literal(json); }

  template <class Value>
  JsonWriter& member(PlainName name, const Value& of) {
    return key(name).value(of);
  }
  template <NoLiteral Name, class Value>
  JsonWriter& member(const Name& name, const Value& of) {
    return key(name).value(of);
  }

 private:
  JsonWriter& key_of(std::string_view name);
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& literal(std::string_view text);
  void next_item();
  void next_line();

  std::string& out_;
  unsigned indent_;
  unsigned depth_ = 0;
  bool first_ = true;       // nothing stands in this object or array yet
  bool after_key_ = false;  // a value is due, without a comma
};

}  // namespace sallyport
