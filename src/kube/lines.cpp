// SPDX-License-Identifier: Apache-2.0

#include "kube/lines.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "kube/digest.hpp"

namespace sallyport::kube {
namespace {

constexpr unsigned line_bits = 24;
constexpr std::uint64_t line_mask = (std::uint64_t{1} << line_bits) - 1;

std::uint64_t hash_of(std::string_view field) {
  Digest digest;
  digest.add(field);
  return digest.high & ~line_mask;
}

bool is_plain_word(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

std::string field(std::string_view parent, std::string_view key) {
  if (!is_plain_word(key)) return text::cat(parent, "[", key, "]");
  return parent.empty() ? std::string(key) : text::cat(parent, ".", key);
}

std::string field(std::string_view parent, std::size_t index) { return text::cat(parent, "[", index, "]"); }

bool is_within(std::string_view field, std::string_view parent) {
  if (parent.empty()) return true;
  if (!field.starts_with(parent)) return false;
  return field.size() == parent.size() || field[parent.size()] == '.' || field[parent.size()] == '[';
}

std::uint32_t Lines::at(std::string_view field) const {
  while (!field.empty()) {
    const std::uint64_t hash = hash_of(field);
    const auto found = std::ranges::lower_bound(entries_, hash);
    if (found != entries_.end() && (*found & ~line_mask) == hash) return static_cast<std::uint32_t>(*found & line_mask);
    const auto end = field.find_last_of(".[");
    field = field.substr(0, end == field.npos ? 0 : end);
  }
  return object_line_;
}

void Lines::add(std::string_view field, std::uint32_t line) {
  entries_.push_back(hash_of(field) | std::min<std::uint64_t>(line, line_mask));
}

void Lines::finish(std::uint32_t object_line) {
  std::ranges::sort(entries_);
  entries_.shrink_to_fit();
  object_line_ = object_line;
}

}  // namespace sallyport::kube
