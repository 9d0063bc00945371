// SPDX-License-Identifier: Apache-2.0
#include "commands/redacted.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <variant>
#include <vector>

namespace sallyport::commands {
namespace {

struct Redact {
  void operator()(model::AllOf& all) const { each(all.of); }
  void operator()(model::AnyOf& any) const { each(any.of); }
  void operator()(model::Not& none) const { each(none.of); }
  void operator()(model::HeaderIs& is) const { value(is.name, is.value); }
  void operator()(model::QueryIs& is) const { value(is.name, is.value); }
  void operator()(model::MethodIs&) const {}
  void operator()(model::ClientIn&) const {}

  static void each(std::vector<model::Predicate>& all) {
    for (model::Predicate& one : all) std::visit(Redact(), one.test);
  }
  static void value(std::string_view name, model::TextMatch& match) {
    if (match.kind != model::TextMatch::Kind::present) match.value = shown_value(name, match.value);
  }
};

}  // namespace

bool names_a_secret(std::string_view field) {
  static constexpr std::array<std::string_view, 4> names = {"authorization", "proxy-authorization", "cookie",
                                                            "set-cookie"};
  static constexpr std::array<std::string_view, 4> parts = {"token", "secret", "password", "key"};
  std::string lower(field);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return std::ranges::find(names, lower) != names.end() ||
         std::ranges::any_of(parts, [&](std::string_view part) { return lower.find(part) != lower.npos; });
}

std::string fingerprint(std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::size_t shown_bytes = 4;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const bool made = ::EVP_Digest(value.data(), value.size(), digest.data(), &size, ::EVP_sha256(), nullptr) == 1;
  std::string out = "sha256:";
  if (!made) return out + "unknown";
  for (std::size_t i = 0; i < shown_bytes; ++i) out += {digits[digest[i] >> 4U], digits[digest[i] & 0xfU]};
  return out;
}

std::string shown_value(std::string_view field, const std::string& value) {
  return names_a_secret(field) ? fingerprint(value) : value;
}

std::string shown(const model::Predicate& predicate) {
  model::Predicate copy = predicate;
  std::visit(Redact(), copy.test);
  return model::to_text(copy);
}

std::string shown_id(const model::Rule& rule) {
  std::string id = rule.id;
  for (const model::Predicate& predicate : rule.predicates) {
    const std::string open = model::to_text(predicate);
    const std::size_t at = id.find(open);
    if (at != id.npos) id.replace(at, open.size(), shown(predicate));
  }
  return id;
}

}  // namespace sallyport::commands
