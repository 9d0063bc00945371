// SPDX-License-Identifier: Apache-2.0

#include "kube/lines.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace sallyport::kube {
namespace {

constexpr unsigned line_bits = 24;
constexpr std::uint64_t line_mask = (std::uint64_t{1} << line_bits) - 1;

bool is_plain_word(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

std::string field(std::string_view parent, std::string_view key) {
  std::string path(parent);
  append_field(path, key);
  return path;
}

std::string field(std::string_view parent, std::size_t index) { return text::cat(parent, "[", index, "]"); }

void append_field(std::string& path, std::string_view key) {
  const bool is_plain = is_plain_word(key);
  if (!is_plain || !path.empty()) path += is_plain ? '.' : '[';
  path += key;
  if (!is_plain) path += ']';
}

void append_field(std::string& path, std::size_t index) {
  path += '[';
  path += text::Piece(index).view();
  path += ']';
}

bool is_within(std::string_view field, std::string_view parent) {
  if (parent.empty()) return true;
  if (!field.starts_with(parent)) return false;
  return field.size() == parent.size() || field[parent.size()] == '.' || field[parent.size()] == '[';
}

// FNV-1a.
void Lines::Place::add(std::string_view text) {
  for (const char c : text) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x00000100000001B3U;
  size_ += text.size();
}

std::uint64_t Lines::Place::hash() const { return ((state_ ^ (state_ >> 32U)) * 0x9E3779B97F4A7C15U) & ~line_mask; }

Lines::Place Lines::Place::in(std::string_view key) const {
  Place below = *this;
  const bool is_plain = is_plain_word(key);
  if (!is_plain || size_ != 0) below.add(is_plain ? "." : "[");
  below.add(key);
  if (!is_plain) below.add("]");
  return below;
}

Lines::Place Lines::Place::in(std::size_t index) const {
  Place below = *this;
  below.add("[");
  below.add(text::Piece(index).view());
  below.add("]");
  return below;
}

std::vector<std::uint64_t>::const_iterator Lines::find(std::string_view field) const {
  Place place;
  place.add(field);
  const std::uint64_t hash = place.hash();
  const auto found = std::ranges::lower_bound(entries_, hash);
  return found != entries_.end() && (*found & ~line_mask) == hash ? found : entries_.end();
}

std::uint32_t Lines::at(std::string_view field) const {
  while (!field.empty()) {
    if (const auto found = find(field); found != entries_.end()) return static_cast<std::uint32_t>(*found & line_mask);
    const auto end = field.find_last_of(".[");
    field = field.substr(0, end == field.npos ? 0 : end);
  }
  return object_line_;
}

void Lines::add(const Place& place, std::uint32_t line) {
  entries_.push_back(place.hash() | std::min<std::uint64_t>(line, line_mask));
}

void Lines::finish(std::uint32_t object_line) {
  std::ranges::sort(entries_);
  entries_.shrink_to_fit();
  object_line_ = object_line;
}

}  // namespace sallyport::kube
