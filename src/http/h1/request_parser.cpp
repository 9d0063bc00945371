// SPDX-License-Identifier: Apache-2.0

#include "http/h1/request_parser.hpp"

#include <cstdint>
#include <utility>

#include "http/h1/connection_options.hpp"
#include "http/h1/field_reader.hpp"
#include "http/h1/request_line.hpp"
#include "http/request_rules.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h1 {
namespace {

using syntax::HeaderId;

enum class Outcome : std::uint8_t { done, more, refused };

// Takes the head apart; what its parts mean is RequestRules' business.
class RequestReader {
 public:
  RequestReader(const Limits& limits, const Conduct& conduct, Arena& arena, RequestHead& head)
      : limits_(limits), head_(head), rules_(conduct, arena, head) {}

  // `bytes` are no more than a head may have. After `done`: size() and notes().
  Outcome read(std::string_view bytes);

  std::size_t size() const { return size_; }
  const Notes& notes() { return rules_.notes(); }
  Error take_error() { return rules_.take_error(); }

 private:
  Outcome refuse(Error error) {
    rules_.refuse(std::move(error));
    return Outcome::refused;
  }

  Outcome read_line(std::string_view bytes);
  bool read_field(std::string_view name, std::string_view value);
  bool read_connection(std::string_view value);
  void read_upgrade(std::string_view value);
  Outcome finish();
  void finish_upgrade();

  const Limits& limits_;
  RequestHead& head_;
  RequestRules rules_;
  std::size_t size_ = 0;
  ConnectionOptions connection_;
  bool has_upgrade_ = false;
  bool lists_websocket_ = false;
  bool lists_h2c_ = false;
  bool lists_others_ = false;  // than h2c
};

Outcome RequestReader::read(std::string_view bytes) {
  if (bytes == "\r") return Outcome::more;
  if (bytes.starts_with("\r\n")) {  // RFC 9112 2.2: one empty line is forgiven
    size_ = 2;
    ++rules_.notes().empty_lines;
  }
  if (const Outcome line = read_line(bytes.substr(size_)); line != Outcome::done) return line;

  FieldReader reader(bytes, size_, limits_.fields);
  for (;;) {
    switch (reader.next()) {
      case FieldReader::Found::field:
        if (!read_field(reader.name(), reader.value())) return Outcome::refused;
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
  rules_.read_method(line->method);
  auto target = h1::read_target(line->target, head_.method);
  if (!target) return refuse(std::move(target.error()));
  return rules_.read_target(*target) ? Outcome::done : Outcome::refused;
}

bool RequestReader::read_field(std::string_view name, std::string_view value) {
  const HeaderId id = syntax::header_id(name);
  switch (id) {
    case HeaderId::transfer_encoding:
      return rules_.read_transfer_encoding(value);
    case HeaderId::connection:
      return read_connection(value);
    case HeaderId::upgrade:
      read_upgrade(value);
      return true;
    default:
      return rules_.read_field(id, name, value);
  }
}

void RequestReader::read_upgrade(std::string_view value) {
  has_upgrade_ = true;
  syntax::for_each_list_item(value, [this](std::string_view protocol) {
    if (syntax::equals_ignore_case(protocol, "websocket")) lists_websocket_ = true;
    (syntax::equals_ignore_case(protocol, "h2c") ? lists_h2c_ : lists_others_) = true;
  });
}

bool RequestReader::read_connection(std::string_view value) {
  switch (connection_.read(value, limits_.connection_options)) {
    case ConnectionOptions::Read::done:
      return true;
    case ConnectionOptions::Read::names_fields:
      return rules_.append(HeaderId::connection, "connection", value);
    case ConnectionOptions::Read::malformed:
      return rules_.refuse(Code::bad_request, "H1-14", "an option of Connection is not a token");
    case ConnectionOptions::Read::too_many:
      break;
  }
  return rules_.refuse(Code::header_too_large, "H1-14", "Connection names too many fields");
}

Outcome RequestReader::finish() {
  const bool http11 = head_.version == Version::http11;
  if (http11 && !rules_.has_host()) {
    rules_.refuse(Code::bad_request, "H1-9", "HTTP/1.1 without Host");
    return Outcome::refused;
  }
  const FramingFields& framing = rules_.framing();
  if (framing.chunked()) {
    head_.framing.kind = Framing::Kind::chunked;
  } else if (framing.length()) {
    head_.framing = {.kind = Framing::Kind::length, .length = *framing.length()};
  }
  head_.keep_alive = !connection_.close() && (http11 || connection_.keep_alive());
  head_.accepts_trailers = head_.accepts_trailers && http11;
  rules_.finish();
  if (has_upgrade_) finish_upgrade();
  if (connection_.names_fields()) {
    rules_.notes().protected_options += ConnectionOptions::remove_named(head_.fields);
  }
  return Outcome::done;
}

void RequestReader::finish_upgrade() {
  const bool followed = lists_websocket_ && connection_.upgrade() && head_.method == Method::get &&
                        head_.version == Version::http11 && !rules_.has_body();
  if (followed) {
    head_.upgrade = "websocket";
  } else {
    ++rules_.notes().upgrades_ignored;
    if (lists_h2c_ && !lists_others_) ++rules_.notes().h2c_ignored;
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
