// SPDX-License-Identifier: Apache-2.0

#include "http/h1/serialiser.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include "http/scan.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h1 {
namespace {

using syntax::HeaderId;

// All that is written besides the texts of the model, generously.
constexpr std::size_t fixed_room = 512;
constexpr std::size_t around_field = 4;  // ": " and CRLF

class Writer {
 public:
  explicit Writer(std::span<char> room) : begin_(room.data()), at_(begin_), end_(begin_ + room.size()) {}

  void put(std::string_view text) {
    if (static_cast<std::size_t>(end_ - at_) < text.size()) {
      good_ = false;
      return;
    }
    copy(text);
  }

  void put_number(std::uint64_t number) {
    const auto written = std::to_chars(at_, end_, number);
    if (written.ec != std::errc()) {
      good_ = false;
      return;
    }
    at_ = written.ptr;
  }

  void put_field(std::string_view name, std::string_view value) {
    if (static_cast<std::size_t>(end_ - at_) < name.size() + value.size() + around_field) {
      good_ = false;
      return;
    }
    // As it was received, most of a line lies in one piece, which is one copy instead of three.
    const bool is_one_piece = value.data() == name.data() + name.size() + 2 && name.data()[name.size()] == ':' &&
                              name.data()[name.size() + 1] == ' ' && !value.empty();
    if (is_one_piece) {
      copy({name.data(), name.size() + 2 + value.size()});
    } else {
      copy(name);
      copy(": ");
      copy(value);
    }
    copy("\r\n");
  }

  // A text of the model that no constructor has checked.
  void put_checked(bool allowed, std::string_view text) {
    good_ = good_ && allowed;
    put(text);
  }

  std::optional<std::size_t> size() const {
    if (!good_) return std::nullopt;
    return static_cast<std::size_t>(at_ - begin_);
  }

 private:
  // REQUIRES: there is room.
  void copy(std::string_view text) {
    if (text.empty()) return;
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }

  char* begin_;
  char* at_;
  char* end_;
  bool good_ = true;
};

bool may_be_in_target(std::string_view text) {
  const char* const end = text.data() + text.size();
  return target_end(text.data(), end) == end;
}

bool is_path(std::string_view path) {
  return (path.starts_with('/') || path == "*") && path.find('?') == path.npos && may_be_in_target(path);
}

std::size_t size_of(const Fields& fields) {
  std::size_t size = 0;
  for (const Field& field : fields) size += field.name.size() + field.value.size() + around_field;
  return size;
}

// Speaks of this hop or of framing, which the members say.
bool is_members_business(HeaderId id) {
  return (syntax::is_hop_by_hop(id) && id != HeaderId::trailer) || id == HeaderId::content_length ||
         id == HeaderId::transfer_encoding;
}

void put_framing(Writer& out, const Framing& framing) {
  switch (framing.kind) {
    case Framing::Kind::length:
      out.put("Content-Length: ");
      out.put_number(framing.length);
      out.put("\r\n");
      break;
    case Framing::Kind::chunked:
      out.put("Transfer-Encoding: chunked\r\n");
      break;
    case Framing::Kind::none:
    case Framing::Kind::close:
      break;
  }
}

// Where the method gives content a meaning, its absence is said too (RFC 9110 8.6): some servers answer 411 otherwise.
Framing framing_of(const RequestHead& head) {
  const bool means_content = head.method == Method::post || head.method == Method::put || head.method == Method::patch;
  const bool says_nothing = means_content && head.framing.kind == Framing::Kind::none;
  return says_nothing ? Framing{.kind = Framing::Kind::length, .length = 0} : head.framing;
}

void put_connection(Writer& out, const Hop& hop) {
  std::string_view before = "Connection: ";
  const auto put_option = [&](bool wanted, std::string_view option) {
    if (!wanted) return;
    out.put(before);
    out.put(option);
    before = ", ";
  };
  put_option(hop.close, "close");
  put_option(hop.keep_alive_1_0 && !hop.close, "keep-alive");
  put_option(!hop.upgrade.empty(), "Upgrade");
  put_option(hop.te_trailers, "TE");
  if (before == ", ") out.put("\r\n");
  if (!hop.upgrade.empty()) {
    out.put_checked(syntax::is_token(hop.upgrade), "Upgrade: ");
    out.put(hop.upgrade);
    out.put("\r\n");
  }
  if (hop.te_trailers) out.put("TE: trailers\r\n");
}

void put_status_line(Writer& out, const ResponseHead& head) {
  out.put_checked(head.status >= 100 && head.status <= 599, "HTTP/1.1 ");
  out.put_number(head.status);
  out.put_checked(syntax::is_field_value(head.reason), " ");
  out.put(head.reason);
  out.put("\r\n");
}

}  // namespace

std::size_t room_for(const RequestHead& head, const Hop& hop) {
  return fixed_room + head.method_text.size() + head.path.size() + head.query.size() + head.authority.size() +
         size_of(head.fields) + hop.upgrade.size();
}

std::size_t room_for(const ResponseHead& head, const Hop& hop, const Stamp& stamp) {
  return fixed_room + head.reason.size() + size_of(head.fields) + hop.upgrade.size() + stamp.date.size() +
         stamp.server.size();
}

std::optional<std::size_t> write_request_head(std::span<char> room, const RequestHead& head, const Hop& hop) {
  Writer out(room);
  out.put_checked(syntax::is_token(head.method_text), head.method_text);
  out.put(" ");
  out.put_checked(is_path(head.path), head.path);
  if (head.has_query) {
    out.put("?");
    out.put_checked(may_be_in_target(head.query), head.query);
  }
  out.put(" HTTP/1.1\r\nHost: ");
  out.put_checked(may_be_in_target(head.authority), head.authority);
  out.put("\r\n");

  for (const Field& field : head.fields) {
    const bool skipped = is_members_business(field.id) || field.id == HeaderId::host || field.id == HeaderId::expect ||
                         (field.id == HeaderId::trailer && !hop.trailers);
    if (!skipped) out.put_field(field.name, field.value);
  }
  put_framing(out, framing_of(head));
  if (hop.expect_continue) out.put("Expect: 100-continue\r\n");
  put_connection(out, hop);
  out.put("\r\n");
  return out.size();
}

std::optional<std::size_t> write_response_head(std::span<char> room, const ResponseHead& head, const Hop& hop,
                                               const Stamp& stamp) {
  Writer out(room);
  put_status_line(out, head);

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
    out.put_field(field.name, field.value);
  }
  if (needs_date) {
    out.put_checked(syntax::is_field_value(stamp.date), {});
    out.put_field("Date", stamp.date);
  }
  if (needs_server) {
    out.put_checked(syntax::is_field_value(stamp.server), {});
    out.put_field("Server", stamp.server);
  }
  if (final) put_framing(out, head.framing);
  Hop said = hop;
  said.close = hop.close || head.framing.kind == Framing::Kind::close;
  said.te_trailers = false;
  put_connection(out, said);
  out.put("\r\n");
  return out.size();
}

}  // namespace sallyport::http::h1
