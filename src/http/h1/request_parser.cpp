// SPDX-License-Identifier: Apache-2.0

#include "http/h1/request_parser.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <utility>

#include "http/h1/connection_options.hpp"
#include "http/h1/field_reader.hpp"
#include "http/h1/framing_fields.hpp"
#include "http/h1/request_line.hpp"
#include "syntax/header_name.hpp"
#include "syntax/host.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h1 {
namespace {

using syntax::HeaderId;

enum class Outcome : std::uint8_t { done, more, refused };

class RequestReader {
 public:
  RequestReader(const Limits& limits, const Conduct& conduct, Arena& arena, RequestHead& head)
      : limits_(limits), conduct_(conduct), arena_(arena), head_(head) {}

  // `bytes` are no more than a head may have. After `done`: size() and notes().
  Outcome read(std::string_view bytes);

  std::size_t size() const { return size_; }
  const Notes& notes() const { return notes_; }
  Error take_error() { return std::move(error_); }

 private:
  Outcome refuse(Error error) {
    error_ = std::move(error);
    return Outcome::refused;
  }
  Outcome refuse(Code code, const char* rule, const char* what) {
    return refuse(Error{.code = code, .rule = rule, .detail = what});
  }
  Outcome no_room() { return refuse(Code::header_too_large, "H1-15", "the head needs too much memory"); }
  Outcome append(HeaderId id, std::string_view name, std::string_view value) {
    return head_.fields.append(id, name, value) ? Outcome::done : no_room();
  }

  Outcome read_line(std::string_view bytes);
  Outcome read_method(std::string_view name, std::string_view raw_target);
  Outcome read_path(const Target& target);
  Outcome read_unmerged_path(std::string_view raw);
  Outcome read_authority(std::string_view text);
  std::string_view joined(std::string_view host, std::uint16_t port);
  Outcome read_field(std::string_view name, std::string_view value);
  Outcome read_host(std::string_view value);
  Outcome read_connection(std::string_view value);
  Outcome read_expect(std::string_view value);
  Outcome read_underscore_name(std::string_view name, std::string_view value);
  Outcome finish();
  void finish_upgrade(bool has_body);

  const Limits& limits_;
  const Conduct& conduct_;
  Arena& arena_;
  RequestHead& head_;
  Notes notes_;
  Error error_;
  std::size_t size_ = 0;
  ConnectionOptions connection_;
  FramingFields framing_;
  std::uint16_t default_port_ = 0;
  bool authority_from_target_ = false;
  bool has_host_ = false;
  bool has_trailer_ = false;
  bool has_expect_ = false;
  bool has_upgrade_ = false;
  bool lists_websocket_ = false;
  bool lists_h2c_ = false;
  bool lists_others_ = false;  // than h2c
};

Outcome RequestReader::read(std::string_view bytes) {
  if (bytes == "\r") return Outcome::more;
  if (bytes.starts_with("\r\n")) {  // RFC 9112 2.2: one empty line is forgiven
    size_ = 2;
    ++notes_.empty_lines;
  }
  if (const Outcome line = read_line(bytes.substr(size_)); line != Outcome::done) return line;

  FieldReader reader(bytes, size_, limits_.fields);
  for (;;) {
    switch (reader.next()) {
      case FieldReader::Found::field:
        if (read_field(reader.name(), reader.value()) == Outcome::refused) return Outcome::refused;
        break;
      case FieldReader::Found::end:
        size_ = reader.position();
        return finish();
      case FieldReader::Found::more:
        return Outcome::more;
      case FieldReader::Found::refused:
        return refuse(reader.error());
    }
  }
}

Outcome RequestReader::read_line(std::string_view bytes) {
  auto line = read_request_line(bytes, limits_);
  if (!line) return refuse(std::move(line.error()));
  if (line->size == 0) return Outcome::more;
  size_ += line->size;
  head_.version = line->version;
  head_.raw_target = line->target;
  return read_method(line->method, line->target);
}

Outcome RequestReader::read_method(std::string_view name, std::string_view raw_target) {
  head_.method = method_named(name);
  head_.method_text = name;
  auto target = read_target(raw_target, head_.method);
  if (!target) return refuse(std::move(target.error()));
  head_.form = target->form;
  default_port_ = conduct_.default_port;
  if (target->has_authority) {
    if (head_.method != Method::connect) default_port_ = target->https ? 443 : 80;
    if (const Outcome outcome = read_authority(target->authority); outcome != Outcome::done) return outcome;
    authority_from_target_ = true;
  }
  // TRACK is what one server calls TRACE; some upstreams do not mind the case of either.
  if (head_.method == Method::connect || syntax::equals_ignore_case(name, "TRACE") ||
      syntax::equals_ignore_case(name, "TRACK")) {
    return refuse(Code::method_not_allowed, "H1-11", "CONNECT, TRACE and TRACK are not served");
  }
  return read_path(*target);
}

Outcome RequestReader::read_path(const Target& target) {
  head_.has_query = target.has_query;
  head_.query = target.query;
  head_.path = target.path;
  if (target.form == TargetForm::asterisk) return Outcome::done;
  const auto room = arena_.text(target.path.size() * 3);
  if (room.empty()) return no_room();
  auto path = syntax::canonical_path(target.path, conduct_.path, room);
  if (!path) return refuse(std::move(path.error()));
  head_.path = *path;
  const bool merged = conduct_.path.merge_slashes && path->data() != target.path.data();
  return merged ? read_unmerged_path(target.path) : Outcome::done;
}

Outcome RequestReader::read_unmerged_path(std::string_view raw) {
  const auto room = arena_.text(raw.size() * 3);
  if (room.empty()) return no_room();
  syntax::PathOptions options = conduct_.path;
  options.merge_slashes = false;
  auto path = syntax::canonical_path(raw, options, room);
  if (!path) return refuse(std::move(path.error()));
  if (*path != head_.path) head_.unmerged_path = *path;
  return Outcome::done;
}

// Sets host, port and authority, or compares with those that the target has set (H1-9).
Outcome RequestReader::read_authority(std::string_view text) {
  std::array<char, syntax::authority_room> room;
  auto parsed = syntax::canonical_authority(text, room);
  if (!parsed) return refuse(std::move(parsed.error()));
  if (parsed->port == default_port_) parsed->port = 0;
  if (authority_from_target_) {
    if (parsed->host == head_.host && parsed->port == head_.port) return Outcome::done;
    return refuse(Code::bad_request, "H1-9", "Host is not the authority of the request target");
  }

  const bool canonical = text.starts_with(parsed->host);
  head_.host = canonical ? text.substr(0, parsed->host.size()) : arena_.copy(parsed->host);
  head_.port = parsed->port;
  head_.authority = head_.host;
  if (parsed->port != 0) {
    const std::string_view port = text.substr(text.rfind(':'));
    const bool as_received = canonical && port[1] != '0' && head_.host.size() + port.size() == text.size();
    head_.authority = as_received ? text : joined(head_.host, parsed->port);
  }
  return head_.host.empty() || head_.authority.empty() ? no_room() : Outcome::done;
}

// "host:port" in the arena; empty if it has no room.
std::string_view RequestReader::joined(std::string_view host, std::uint16_t port) {
  constexpr std::size_t longest_port = 5;
  const auto room = arena_.text(host.size() + 1 + longest_port);
  if (room.empty()) return {};
  std::memcpy(room.data(), host.data(), host.size());
  room[host.size()] = ':';
  const auto end = std::to_chars(room.data() + host.size() + 1, room.data() + room.size(), port).ptr;
  return {room.data(), static_cast<std::size_t>(end - room.data())};
}

Outcome RequestReader::read_field(std::string_view name, std::string_view value) {
  const HeaderId id = syntax::header_id(name);
  switch (id) {
    case HeaderId::host:
      return read_host(value);
    case HeaderId::content_length: {
      const Error* error = framing_.read_content_length(value);
      return error == nullptr ? Outcome::done : refuse(*error);
    }
    case HeaderId::transfer_encoding: {
      const Error* error = framing_.read_transfer_encoding(value, head_.version);
      return error == nullptr ? Outcome::done : refuse(*error);
    }
    case HeaderId::connection:
      return read_connection(value);
    case HeaderId::expect:
      return read_expect(value);
    case HeaderId::te:
      syntax::for_each_list_item(value, [this](std::string_view coding) {
        if (syntax::equals_ignore_case(coding, "trailers")) head_.accepts_trailers = true;
      });
      return Outcome::done;
    case HeaderId::upgrade:
      has_upgrade_ = true;
      syntax::for_each_list_item(value, [this](std::string_view protocol) {
        if (syntax::equals_ignore_case(protocol, "websocket")) lists_websocket_ = true;
        (syntax::equals_ignore_case(protocol, "h2c") ? lists_h2c_ : lists_others_) = true;
      });
      return Outcome::done;
    case HeaderId::trailer:  // end to end, unlike its neighbours (RFC 9110 6.6.2)
      has_trailer_ = true;
      return append(id, name, value);
    case HeaderId::other:
      if (name.find('_') != name.npos) return read_underscore_name(name, value);
      return append(id, name, value);
    default:
      return syntax::is_hop_by_hop(id) ? Outcome::done : append(id, name, value);
  }
}

Outcome RequestReader::read_host(std::string_view value) {
  if (has_host_) return refuse(Code::bad_request, "H1-9", "more than one Host");
  has_host_ = true;
  return read_authority(value);
}

Outcome RequestReader::read_connection(std::string_view value) {
  switch (connection_.read(value, limits_.connection_options)) {
    case ConnectionOptions::Read::done:
      return Outcome::done;
    case ConnectionOptions::Read::names_fields:
      return append(HeaderId::connection, "connection", value);
    case ConnectionOptions::Read::malformed:
      return refuse(Code::bad_request, "H1-14", "an option of Connection is not a token");
    case ConnectionOptions::Read::too_many:
      break;
  }
  return refuse(Code::header_too_large, "H1-14", "Connection names too many fields");
}

Outcome RequestReader::read_expect(std::string_view value) {
  if (head_.version == Version::http10) {  // RFC 9110 10.1.1
    ++notes_.expectations_ignored;
    return Outcome::done;
  }
  if (has_expect_ || !syntax::equals_ignore_case(value, "100-continue")) {
    return refuse(Code::expectation_failed, "H1-13", "the one expectation that can be met is 100-continue");
  }
  has_expect_ = true;
  return Outcome::done;
}

Outcome RequestReader::read_underscore_name(std::string_view name, std::string_view value) {
  if (conduct_.underscores == Underscores::reject) {
    return refuse(Code::bad_request, "H1-8", "a field name has an underscore");
  }
  const HeaderId alias = syntax::alias_id(name);
  const bool ours = syntax::is_managed_name(name) || syntax::is_hop_by_hop(alias) || alias == HeaderId::expect;
  if (conduct_.underscores == Underscores::keep && !ours) return append(HeaderId::other, name, value);
  ++notes_.underscore_names;
  return Outcome::done;
}

Outcome RequestReader::finish() {
  const bool http11 = head_.version == Version::http11;
  if (http11 && !has_host_) return refuse(Code::bad_request, "H1-9", "HTTP/1.1 without Host");

  if (framing_.chunked()) {
    head_.framing.kind = Framing::Kind::chunked;
  } else if (framing_.length()) {
    head_.framing = {.kind = Framing::Kind::length, .length = *framing_.length()};
  }
  const bool has_body = framing_.chunked() || head_.framing.length != 0;

  head_.keep_alive = !connection_.close() && (http11 || connection_.keep_alive());
  head_.accepts_trailers = head_.accepts_trailers && http11;
  // Without a body there is nothing to wait for, and a forwarded expectation could only confuse (H1-13).
  head_.expects_continue = has_expect_ && has_body;
  if (has_expect_ && !has_body) ++notes_.expectations_ignored;
  if (has_upgrade_) finish_upgrade(has_body);
  if (has_trailer_ && !framing_.chunked()) head_.fields.remove(HeaderId::trailer);
  if (connection_.names_fields()) notes_.protected_options += ConnectionOptions::remove_named(head_.fields);
  return Outcome::done;
}

void RequestReader::finish_upgrade(bool has_body) {
  const bool followed = lists_websocket_ && connection_.upgrade() && head_.method == Method::get &&
                        head_.version == Version::http11 && !has_body;
  if (followed) {
    head_.upgrade = "websocket";
  } else {
    ++notes_.upgrades_ignored;
    if (lists_h2c_ && !lists_others_) ++notes_.h2c_ignored;
  }
}

}  // namespace

Result<std::size_t> parse_request_head(std::string_view bytes, const Limits& limits, const Conduct& conduct,
                                       Arena& arena, RequestHead& head, Notes& notes) {
  head = RequestHead(arena);
  RequestReader reader(limits, conduct, arena, head);
  switch (reader.read(bytes.substr(0, limits.head))) {
    case Outcome::done:
      notes += reader.notes();
      return reader.size();
    case Outcome::more:
      if (bytes.size() < limits.head) return 0;
      return fail(Code::header_too_large, "H1-15", "the head is too long");
    case Outcome::refused:
      break;
  }
  return fail(reader.take_error());
}

}  // namespace sallyport::http::h1
