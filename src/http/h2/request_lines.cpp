// SPDX-License-Identifier: Apache-2.0
#include "http/h2/request_lines.hpp"

#include <algorithm>
#include <memory>

#include "http/h2/response_lines.hpp"
#include "http/scan.hpp"
#include "http/websocket.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h2 {
namespace {

using syntax::HeaderId;

bool may_be_in_target(std::string_view text) {
  const char* const end = text.data() + text.size();
  return target_end(text.data(), end) == end;
}

bool is_path(std::string_view path) {
  return (path.starts_with('/') || path == "*") && path.find('?') == path.npos && may_be_in_target(path);
}

// Speaks of this hop or of framing, which the members say; or is a pseudo field here.
bool is_members_business(HeaderId id) {
  return (syntax::is_hop_by_hop(id) && id != HeaderId::trailer) || id == HeaderId::content_length ||
         id == HeaderId::host || id == HeaderId::expect;
}

// Path and query; empty when they cannot be written.
std::string_view target_text(Arena& arena, const RequestHead& head) {
  if (!is_path(head.path)) return {};
  if (!head.has_query) return head.path;
  const std::span<char> room = arena.text(head.path.size() + 1 + head.query.size());
  if (room.empty() || !may_be_in_target(head.query)) return {};
  char* at = std::ranges::copy(head.path, room.data()).out;
  *at++ = '?';
  std::ranges::copy(head.query, at);
  return {room.data(), room.size()};
}

}  // namespace

std::optional<std::span<const Line>> request_lines(Arena& arena, const RequestHead& head, const Hop& hop, bool is_tls) {
  constexpr std::size_t ours = 7;  // five pseudo fields, content-length, te
  const std::size_t most = head.fields.size() + ours;
  auto* const memory = static_cast<Line*>(arena.allocate(most * sizeof(Line), alignof(Line)));
  if (memory == nullptr) return std::nullopt;
  Line* at = memory;
  bool good = true;
  const auto put = [&](std::string_view name, std::string_view value, bool allowed = true, bool is_secret = false) {
    good = good && allowed && !name.empty();
    if (good) std::construct_at(at++, Line{.name = name, .value = value, .is_secret = is_secret});
  };
  const bool connects = !hop.upgrade.empty();
  put(":method", connects ? "CONNECT" : head.method_text, syntax::is_token(head.method_text));
  if (connects) put(":protocol", hop.upgrade, syntax::is_token(hop.upgrade));
  put(":scheme", is_tls ? "https" : "http");
  if (!head.authority.empty()) put(":authority", head.authority, may_be_in_target(head.authority));
  const std::string_view target = target_text(arena, head);
  put(":path", target, !target.empty());
  for (const Field& field : head.fields) {
    if (connects && is_left_out_of_extended_connect(field.id)) continue;
    if (!is_members_business(field.id)) put(lower_name(arena, field), field.value, true, field.is_secret);
  }
  if (head.framing.kind == Framing::Kind::length) {
    const std::string_view length = number_text(arena, head.framing.length);
    put("content-length", length, !length.empty());
  }
  if (hop.te_trailers) put("te", "trailers");
  if (!good) return std::nullopt;
  return std::span<const Line>(memory, at);
}

}  // namespace sallyport::http::h2
