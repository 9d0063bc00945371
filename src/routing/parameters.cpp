// SPDX-License-Identifier: Apache-2.0
#include "routing/parameters.hpp"

#include <algorithm>

namespace sallyport::routing {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

char take_decoded(std::string_view& text) {
  const char c = text.front();
  if (c == '%' && text.size() > 2 && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0) {
    const int octet = hex_digit(text[1]) * 16 + hex_digit(text[2]);
    text.remove_prefix(3);
    return static_cast<char>(octet);
  }
  text.remove_prefix(1);
  return c == '+' ? ' ' : c;
}

// FNV-1a.
constexpr std::uint32_t first_hash = 2'166'136'261U;
constexpr std::uint32_t hash_on(std::uint32_t hash, char c) {
  return (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
}

std::uint32_t hash_of_encoded(std::string_view text) {
  std::uint32_t hash = first_hash;
  while (!text.empty()) hash = hash_on(hash, take_decoded(text));
  return hash;
}

}  // namespace

bool decodes_to(std::string_view text, std::string_view wanted) {
  for (const char c : wanted) {
    if (text.empty() || take_decoded(text) != c) return false;
  }
  return text.empty();
}

std::uint32_t parameter_hash(std::string_view name) {
  std::uint32_t hash = first_hash;
  for (const char c : name) hash = hash_on(hash, c);
  return hash;
}

Parameters::Parameter* Parameters::find(std::string_view query, std::string_view wanted, std::uint32_t hash) {
  if (query.data() != query_.data() || query.size() != query_.size()) read(query);
  for (Parameter* one = all_.data(); one != all_.data() + size_; ++one) {
    if (one->hash != hash) continue;
    ++steps_;
    if (decodes_to(name(*one), wanted)) return one;
  }
  return nullptr;
}

void Parameters::read(std::string_view query) {
  query_ = query;
  size_ = 0;
  has_more_ = false;
  decoded_.clear();
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    if (end != at && size_ == most) {
      has_more_ = true;
      return;
    }
    if (end != at) {
      const std::string_view one = query.substr(at, end - at);
      const std::size_t equals = std::min(one.find('='), one.size());
      all_[size_++] = {.hash = hash_of_encoded(one.substr(0, equals)),
                       .name = static_cast<std::uint32_t>(at),
                       .value = static_cast<std::uint32_t>(at + std::min(equals + 1, one.size())),
                       .end = static_cast<std::uint32_t>(end),
                       .decoded_size = not_decoded};
      ++steps_;
    }
    at = end + 1;
  }
}

std::string_view Parameters::name(const Parameter& of) const {
  const bool has_equals = of.value != of.name && query_[of.value - 1] == '=';
  return query_.substr(of.name, of.value - of.name - (has_equals ? 1 : 0));
}

std::string_view Parameters::decoded(Parameter& of) {
  std::string_view text = value(of);
  if (text.find_first_of("%+") == std::string_view::npos) return text;
  if (of.decoded_size == not_decoded) {
    if (decoded_.size() < query_.size()) decoded_.resize(query_.size());
    char* const begin = decoded_.data() + of.value;
    char* to = begin;
    while (!text.empty()) *to++ = take_decoded(text);
    of.decoded_size = static_cast<std::uint32_t>(to - begin);
  }
  return {decoded_.data() + of.value, of.decoded_size};
}

}  // namespace sallyport::routing
