// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/literals.hpp"

#include <cstddef>

#include "dialects/matches.hpp"
#include "syntax/token.hpp"

namespace sallyport::dialects::gate_route {
namespace {

constexpr std::string_view special = ".[](){}*+?|^$\\";

bool is_punctuation(char c) {
  const bool is_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  return c > ' ' && c < '\x7f' && !is_word;
}

// A character may be of several bytes.
void drop_last_character(std::string& text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80U) text.pop_back();
  if (!text.empty()) text.pop_back();
}

// A triplet that the expression may finish in many ways.
void drop_open_triplet(std::string& text) {
  for (std::size_t open = 1; open <= 2 && open <= text.size(); ++open) {
    if (text[text.size() - open] == '%') return text.resize(text.size() - open);
  }
}

}  // namespace

std::string literal_beginning(std::string_view regex) {
  std::string literal;
  if (regex.find('|') != regex.npos) return literal;
  if (regex.starts_with('^')) regex.remove_prefix(1);
  for (std::size_t at = 0; at < regex.size(); ++at) {
    char c = regex[at];
    if (c == '\\' && at + 1 < regex.size() && is_punctuation(regex[at + 1])) {
      c = regex[++at];
    } else if (c == '*' || c == '?' || c == '{') {
      drop_last_character(literal);  // it may be there or not
      break;
    } else if (special.find(c) != special.npos) {
      break;
    }
    literal += c;
  }
  return literal;
}

bool fits_no_path(const model::PathMatch& regex, const syntax::PathOptions& options) {
  if (regex.kind != model::PathMatch::Kind::regex) return false;
  std::string literal = literal_beginning(regex.value);
  if (literal.empty()) return false;
  if (!literal.starts_with('/')) return true;
  drop_open_triplet(literal);
  if (literal.empty()) return false;
  literal += 'x';  // what follows may turn ".." into a name
  const auto canonical = canonical_path(literal, options);
  if (!canonical) return true;
  return regex.ignore_case ? !syntax::equals_ignore_case(*canonical, literal) : *canonical != literal;
}

}  // namespace sallyport::dialects::gate_route
