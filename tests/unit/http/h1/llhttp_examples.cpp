// SPDX-License-Identifier: Apache-2.0
#include "unit/http/h1/llhttp_examples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <fstream>

namespace sallyport::http::h1 {
namespace {

// \r, \n, \t, \\ and \xNN.
std::string unescaped(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      bytes += text[at];
      continue;
    }
    const char letter = text[++at];
    if (letter == 'x') {
      unsigned value = 0;
      std::from_chars(text.data() + at + 1, text.data() + std::min(at + 3, text.size()), value, 16);
      bytes += static_cast<char>(value);
      at += 2;
    } else {
      bytes += letter == 'r' ? '\r' : letter == 'n' ? '\n' : letter == 't' ? '\t' : letter;
    }
  }
  return bytes;
}

Example named(const std::string& line) {
  Example example{.name = line};
  const std::string kind = line.substr(0, line.find(' '));
  if (kind == "response") example.kind = Example::Kind::response;
  if (kind == "response-to-head") example.kind = Example::Kind::response_to_head;
  EXPECT_TRUE(kind == "request" || example.kind != Example::Kind::request) << line;
  return example;
}

void add(Example& example, char mark, const std::string& text) {
  switch (mark) {
    case '|':
      example.original += unescaped(text);
      example.bytes += unescaped(text);
      return;
    case '+':
      example.bytes += unescaped(text);
      return;
    case '=':
      example.theirs = unescaped(text);
      return;
    case '!':
      example.ours = unescaped(text);
      return;
    case '-':
      example.reason = text;
      return;
    default:
      ADD_FAILURE() << example.name << ": a line of no kind: " << mark << " " << text;
  }
}

}  // namespace

std::vector<Example> read_examples(const std::string& file) {
  std::ifstream input(file);
  EXPECT_TRUE(input.is_open()) << file;
  std::vector<Example> examples;
  for (std::string line; std::getline(input, line);) {
    constexpr std::size_t text_at = 4;  // "  | text"
    if (line.empty() || line.starts_with("#")) continue;
    if (!line.starts_with("  ")) {
      examples.push_back(named(line));
    } else if (examples.empty() || line.size() < text_at) {
      ADD_FAILURE() << "a line of no kind: " << line;
    } else {
      add(examples.back(), line[2], line.substr(text_at));
    }
  }
  return examples;
}

}  // namespace sallyport::http::h1
