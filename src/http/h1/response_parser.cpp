// SPDX-License-Identifier: Apache-2.0

#include "http/h1/response_parser.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "http/framing_fields.hpp"
#include "http/h1/connection_options.hpp"
#include "http/h1/field_reader.hpp"
#include "http/scan.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h1 {
namespace {

using syntax::HeaderId;

constexpr const char* rule = "H1-18";

enum class Outcome : std::uint8_t { done, more, refused };

class ResponseReader {
 public:
  ResponseReader(const Limits& limits, Method request_method, ResponseHead& head)
      : limits_(limits), request_method_(request_method), head_(head) {}

  // `bytes` are no more than a head may have. After `done`: size() and notes().
  Outcome read(std::string_view bytes);

  std::size_t size() const { return size_; }
  const Notes& notes() const { return notes_; }
  Error take_error() { return std::move(error_); }

 private:
  Outcome refuse(std::string what) {
    error_ = {.code = Code::upstream_malformed, .rule = rule, .detail = std::move(what)};
    return Outcome::refused;
  }
  Outcome append(HeaderId id, std::string_view name, std::string_view value) {
    return head_.fields.append(id, name, value) ? Outcome::done : refuse("the head needs too much memory");
  }

  Outcome read_line(std::string_view bytes);
  Outcome read_field(std::string_view name, std::string_view value);
  Outcome read_connection(std::string_view value);
  Outcome finish();
  bool has_no_body() const;
  bool describes_another_answer() const;

  const Limits& limits_;
  Method request_method_;
  ResponseHead& head_;
  Notes notes_;
  Error error_;
  std::size_t size_ = 0;
  ConnectionOptions connection_;
  FramingFields framing_;
  bool has_trailer_ = false;
  bool has_upgrade_ = false;
  bool upgrade_is_websocket_ = false;
};

Outcome ResponseReader::read(std::string_view bytes) {
  if (const Outcome line = read_line(bytes.substr(0, limits_.request_line)); line != Outcome::done) {
    if (line == Outcome::more && bytes.size() >= limits_.request_line) return refuse("the status line is too long");
    return line;
  }

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
        return refuse(reader.error().detail);
    }
  }
}

// RFC 9112 4: "HTTP/1.1 200 OK". The reason may be empty, and then the space before it may be missing.
Outcome ResponseReader::read_line(std::string_view bytes) {
  constexpr std::string_view longest_start = "HTTP/1.1 200 ";
  constexpr std::size_t status_at = 9;
  constexpr std::size_t reason_at = longest_start.size();
  const char* const end = bytes.data() + bytes.size();
  const char* const stop = value_end(bytes.data(), end);
  if (stop == end) return Outcome::more;
  if (*stop != '\r') return refuse("the status line does not end in CRLF");
  if (stop + 1 == end) return Outcome::more;
  if (stop[1] != '\n') return refuse("the status line does not end in CRLF");

  const std::string_view line = bytes.substr(0, static_cast<std::size_t>(stop - bytes.data()));
  const bool http11 = line.starts_with("HTTP/1.1 ");
  if (!http11 && !line.starts_with("HTTP/1.0 ")) return refuse("the status line does not start with HTTP/1.1 or 1.0");
  const std::string_view digits = line.substr(status_at, 3);
  if (digits.size() != 3 || !std::ranges::all_of(digits, syntax::is_digit) || digits[0] < '1' || digits[0] > '5' ||
      (line.size() >= reason_at && line[reason_at - 1] != ' ')) {
    return refuse("the status is not a number from 100 to 599");
  }
  head_.version = http11 ? Version::http11 : Version::http10;
  head_.status = static_cast<std::uint16_t>((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0'));
  head_.reason = line.size() > reason_at ? line.substr(reason_at) : std::string_view();
  size_ = line.size() + 2;
  return Outcome::done;
}

Outcome ResponseReader::read_field(std::string_view name, std::string_view value) {
  const HeaderId id = syntax::header_id(name);
  switch (id) {
    case HeaderId::content_length: {
      const Error* error = framing_.read_content_length(value);
      if (error != nullptr) return refuse(error->detail);
      if (!describes_another_answer()) return Outcome::done;
      value.remove_prefix(std::min(value.find_first_not_of('0'), value.size() - 1));
      return append(id, name, value);
    }
    case HeaderId::transfer_encoding: {
      const Error* error = framing_.read_transfer_encoding(value, head_.version);
      return error == nullptr ? Outcome::done : refuse(error->detail);
    }
    case HeaderId::connection:
      return read_connection(value);
    case HeaderId::upgrade:
      upgrade_is_websocket_ = !has_upgrade_ && syntax::equals_ignore_case(value, "websocket");
      has_upgrade_ = true;
      return Outcome::done;
    case HeaderId::trailer:  // end to end, unlike its neighbours (RFC 9110 6.6.2)
      has_trailer_ = true;
      return append(id, name, value);
    default:
      return syntax::is_hop_by_hop(id) ? Outcome::done : append(id, name, value);
  }
}

Outcome ResponseReader::read_connection(std::string_view value) {
  switch (connection_.read(value, limits_.connection_options)) {
    case ConnectionOptions::Read::done:
      return Outcome::done;
    case ConnectionOptions::Read::names_fields:
      return append(HeaderId::connection, "connection", value);
    case ConnectionOptions::Read::malformed:
      return refuse("an option of Connection is not a token");
    case ConnectionOptions::Read::too_many:
      break;
  }
  return refuse("Connection names too many fields");
}

// RFC 9112 6.3, rule 1.
bool ResponseReader::has_no_body() const {
  return request_method_ == Method::head || head_.status < 200 || head_.status == 204 || head_.status == 304;
}

// Content-Length is then of the answer to a GET (RFC 9110 8.6).
bool ResponseReader::describes_another_answer() const {
  return head_.status == 304 || (request_method_ == Method::head && head_.status >= 200 && head_.status != 204);
}

// RFC 9112 6.3, the other rules: FramingFields has refused both, other codings and HTTP/1.0's Transfer-Encoding.
Outcome ResponseReader::finish() {
  if (has_no_body()) {
    head_.framing.kind = Framing::Kind::none;
  } else if (framing_.chunked()) {
    head_.framing.kind = Framing::Kind::chunked;
  } else if (framing_.length()) {
    head_.framing = {.kind = Framing::Kind::length, .length = *framing_.length()};
  } else {
    head_.framing.kind = Framing::Kind::close;
  }

  const bool persistent = head_.version == Version::http11 || connection_.keep_alive();
  head_.keep_alive = persistent && !connection_.close() && head_.framing.kind != Framing::Kind::close;
  if (head_.status == 101 && upgrade_is_websocket_ && connection_.upgrade() && head_.version == Version::http11) {
    head_.upgrade = "websocket";
  } else if (has_upgrade_) {
    ++notes_.upgrades_ignored;
  }
  if (has_trailer_ && head_.framing.kind != Framing::Kind::chunked) head_.fields.remove(HeaderId::trailer);
  if (connection_.names_fields()) notes_.protected_options += ConnectionOptions::remove_named(head_.fields);
  return Outcome::done;
}

}  // namespace

Result<std::size_t> parse_response_head(std::string_view bytes, const Limits& limits, Method request_method,
                                        Arena& arena, ResponseHead& head, Notes& notes) {
  head = ResponseHead(arena);
  ResponseReader reader(limits, request_method, head);
  switch (reader.read(bytes.substr(0, limits.head))) {
    case Outcome::done:
      notes += reader.notes();
      return reader.size();
    case Outcome::more:
      if (bytes.size() < limits.head) return 0;
      return fail(Code::upstream_malformed, rule, "the head is too long");
    case Outcome::refused:
      break;
  }
  return fail(reader.take_error());
}

}  // namespace sallyport::http::h1
