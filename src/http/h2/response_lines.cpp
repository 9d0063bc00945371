// SPDX-License-Identifier: Apache-2.0
#include "http/h2/response_lines.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>

#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h2 {
namespace {

using syntax::HeaderId;

// Speaks of this hop or of framing, which the members say.
bool is_members_business(HeaderId id) {
  return (syntax::is_hop_by_hop(id) && id != HeaderId::trailer) || id == HeaderId::content_length ||
         id == HeaderId::transfer_encoding;
}

// Into room for all that a head can need.
class Writer {
 public:
  explicit Writer(std::span<Line> room) : room_(room) {}

  void put(std::string_view name, std::string_view value, bool is_secret = false) {
    good_ = good_ && !name.empty() && size_ != room_.size();
    if (good_) std::construct_at(&room_[size_++], Line{.name = name, .value = value, .is_secret = is_secret});
  }
  // A text that no constructor has checked.
  void put_checked(std::string_view name, std::string_view value) {
    good_ = good_ && syntax::is_field_value(value);
    put(name, value);
  }

  std::optional<std::span<const Line>> lines() const {
    if (!good_) return std::nullopt;
    return room_.first(size_);
  }

 private:
  std::span<Line> room_;
  std::size_t size_ = 0;
  bool good_ = true;
};

}  // namespace

std::string_view lower_name(Arena& arena, const Field& field) {
  if (field.id != HeaderId::other) return syntax::name_of(field.id);
  if (std::ranges::none_of(field.name, [](char c) { return c >= 'A' && c <= 'Z'; })) return field.name;
  const std::span<char> room = arena.text(field.name.size());
  if (room.size() < field.name.size()) return {};
  std::ranges::transform(field.name, room.begin(), [](char c) { return syntax::lower(c); });
  return {room.data(), field.name.size()};
}

std::string_view number_text(Arena& arena, std::uint64_t number) {
  constexpr std::size_t most_digits = 20;
  const std::span<char> room = arena.text(most_digits);
  if (room.size() < most_digits) return {};
  const auto end = std::to_chars(room.data(), room.data() + room.size(), number).ptr;
  return {room.data(), static_cast<std::size_t>(end - room.data())};
}

std::optional<std::span<const Line>> response_lines(Arena& arena, const ResponseHead& head, const Stamp& stamp) {
  constexpr std::size_t ours = 4;  // :status, date, server, content-length
  const std::size_t most = head.fields.size() + ours;
  auto* const memory = static_cast<Line*>(arena.allocate(most * sizeof(Line), alignof(Line)));
  if (memory == nullptr || head.status < 100 || head.status > 599) return std::nullopt;
  Writer out({memory, most});
  out.put(":status", number_text(arena, head.status));

  const bool final = head.status >= 200;
  const bool keeps_length = final && head.framing.kind == Framing::Kind::none;
  bool needs_date = final && !stamp.date.empty();
  bool needs_server = final && !stamp.server.empty() && stamp.server_header != ServerHeader::off;
  for (const Field& field : head.fields) {
    if (is_members_business(field.id) && !(keeps_length && field.id == HeaderId::content_length)) continue;
    if (field.id == HeaderId::server) {
      if (stamp.server_header != ServerHeader::pass) continue;
      needs_server = false;
    }
    if (field.id == HeaderId::date) needs_date = false;
    out.put(lower_name(arena, field), syntax::trim_ows(field.value), field.is_secret);
  }
  if (needs_date) out.put_checked("date", stamp.date);
  if (needs_server) out.put_checked("server", stamp.server);
  if (final && head.framing.kind == Framing::Kind::length) {
    const std::string_view length = number_text(arena, head.framing.length);
    if (length.empty()) return std::nullopt;
    out.put("content-length", length);
  }
  return out.lines();
}

}  // namespace sallyport::http::h2
