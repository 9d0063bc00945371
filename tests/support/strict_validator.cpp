// SPDX-License-Identifier: Apache-2.0
#include "support/strict_validator.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "support/strict_grammar.hpp"

namespace sallyport::support::strict {
namespace {

constexpr std::string_view crlf = "\r\n";
constexpr std::string_view empty_line = "\r\n\r\n";

struct Length {
  bool given = false;
  std::uint64_t bytes = 0;
};

class Reader {
 public:
  Reader(std::string_view bytes, As as) : bytes_(bytes), as_(as) { reading_.messages.reserve(4); }

  Reading requests() {
    while (reading_.rest < bytes_.size() && read_request()) {
    }
    return std::move(reading_);
  }

  Reading responses(const std::vector<std::string>& methods, bool ended) {
    ended_ = ended;
    for (const std::string& method : methods) {
      do {
        if (!read_response(method)) return std::move(reading_);
      } while (reading_.messages.back().status < 200);
    }
    if (reading_.rest != bytes_.size() && reading_.end == End::whole) refuse("bytes behind the last response");
    return std::move(reading_);
  }

 private:
  bool refuse(std::string why) {
    reading_.end = End::refused;
    reading_.why = std::move(why);
    return false;
  }
  bool cut() {
    reading_.end = End::cut;
    return false;
  }

  // The lines of the head at `rest`, without its end; nothing if there is no end.
  std::optional<std::vector<std::string_view>> head_lines(Message& message) {
    message.begin = reading_.rest;
    const std::size_t end = bytes_.find(empty_line, message.begin);
    if (end == bytes_.npos) return std::nullopt;
    at_ = end + empty_line.size();
    std::vector<std::string_view> lines;
    lines.reserve(16);
    std::string_view head = bytes_.substr(message.begin, end - message.begin);
    for (;;) {
      const std::size_t line = head.find(crlf);
      lines.push_back(head.substr(0, line));
      if (line == head.npos) return lines;
      head.remove_prefix(line + crlf.size());
    }
  }

  bool read_request() {
    Message message;
    // RFC 9112 2.2: an empty line before the request line.
    if (bytes_.substr(reading_.rest).starts_with(crlf)) reading_.rest += crlf.size();
    if (reading_.rest == bytes_.size()) return cut();
    const auto lines = head_lines(message);
    if (!lines) return cut();
    const std::string_view line = lines->front();
    const std::size_t first = line.find(' ');
    const std::size_t second = first == line.npos ? first : line.find(' ', first + 1);
    if (second == line.npos) return refuse("the request line is not of three parts");
    message.method = line.substr(0, first);
    message.target = line.substr(first + 1, second - first - 1);
    if (!is_token(message.method)) return refuse("the method is no token");
    if (!read_version(message, line.substr(second + 1))) return refuse("the version is none");
    if (!read_fields(std::span(*lines).subspan(1), message.fields)) return false;
    if (!read_host(message)) return false;
    if (!read_connection(message)) return false;
    return read_framing(message) && add(std::move(message));
  }

  static bool read_version(Message& message, std::string_view text) {
    message.http11 = text == "HTTP/1.1";
    return message.http11 || text == "HTTP/1.0";
  }

  // RFC 9112 5: no blank before the colon, no folding, no CTL in the value.
  bool read_fields(std::span<const std::string_view> lines, std::vector<Line>& fields) {
    fields.reserve(lines.size());
    for (const std::string_view line : lines) {
      const std::size_t colon = line.find(':');
      if (colon == line.npos) return refuse("a field line without a colon");
      const Line field{line.substr(0, colon), trimmed(line.substr(colon + 1))};
      if (!is_token(field.name)) return refuse("a field name is no token");
      if (!is_text(field.value)) return refuse("a field value has a control character");
      fields.push_back(field);
    }
    return true;
  }

  // RFC 9112 3.2 and 3.2.2.
  bool read_host(Message& message) {
    std::size_t hosts = 0;
    for (const Line& field : message.fields) {
      if (!same_name(field.name, "host")) continue;
      ++hosts;
      message.host = field.value;
    }
    if (hosts > 1 || (hosts == 0 && message.http11)) return refuse("not exactly one Host");
    message.has_host = hosts == 1;
    if (hosts == 1 && !is_host_and_port(message.host)) return refuse("Host is none");
    const std::optional<std::string_view> authority =
        target_authority(message.method, message.target, as_ == As::received);
    if (!authority) return refuse("the target is none");
    if (!authority->empty()) message.host = *authority;
    return true;
  }

  // RFC 9112 9.3.
  bool read_connection(Message& message) {
    for (const Line& field : message.fields) {
      if (same_name(field.name, "connection") && !is_token_list(field.value)) return refuse("Connection is no list");
    }
    const bool close = lists(message, "connection", "close");
    message.persists = !close && (message.http11 || lists(message, "connection", "keep-alive"));
    return true;
  }

  bool read_framing(Message& message) {
    Length length;
    bool has_coding = false;
    if (!read_framing_fields(message, length, has_coding)) return false;
    if (message.status != 0) return read_response_body(message, length, has_coding);
    if (has_coding && !message.chunked) return refuse("the last coding of a request is not chunked");
    return message.chunked ? read_chunks(message) : read_bytes(message, length.bytes);
  }

  // RFC 9112 6.1 and 6.2.
  bool read_framing_fields(Message& message, Length& length, bool& has_coding) {
    std::string codings;
    for (const Line& field : message.fields) {
      if (same_name(field.name, "content-length")) {
        const auto bytes = decimal(field.value);
        if (!bytes || length.given) return refuse("Content-Length is not one number");
        length = {true, *bytes};
      } else if (same_name(field.name, "transfer-encoding")) {
        message.plain_coding = !has_coding && field.value == "chunked";
        has_coding = true;
        codings += codings.empty() ? "" : ",";
        codings += field.value;
      }
    }
    if (has_coding && length.given) return refuse("both Content-Length and Transfer-Encoding");
    if (has_coding && !message.http11) return refuse("Transfer-Encoding in HTTP/1.0");
    if (!has_coding) return true;
    const CodingList list = read_codings(codings);
    if (!list.well_formed || list.chunked > 1 || (list.chunked == 1 && !list.chunked_is_last)) {
      return refuse("Transfer-Encoding is no list with chunked once and last");
    }
    message.chunked = list.chunked == 1;
    return true;
  }

  bool read_bytes(Message& message, std::uint64_t size) {
    if (bytes_.size() - at_ < size) return cut();
    message.body = bytes_.substr(at_, static_cast<std::size_t>(size));
    at_ += static_cast<std::size_t>(size);
    return true;
  }

  // RFC 9112 7.1.
  bool read_chunks(Message& message) {
    for (;;) {
      const std::size_t end = bytes_.find(crlf, at_);
      if (end == bytes_.npos) return cut();
      const auto size = chunk_size(bytes_.substr(at_, end - at_));
      if (!size) return refuse("a chunk's first line is none");
      at_ = end + crlf.size();
      if (*size == 0) return read_trailers(message);
      if (bytes_.size() - at_ < *size || bytes_.size() - at_ - *size < crlf.size()) return cut();
      message.body += bytes_.substr(at_, static_cast<std::size_t>(*size));
      at_ += static_cast<std::size_t>(*size);
      if (bytes_.substr(at_, crlf.size()) != crlf) return refuse("a chunk's data is not followed by CRLF");
      at_ += crlf.size();
    }
  }

  bool read_trailers(Message& message) {
    std::vector<std::string_view> lines;
    for (;;) {
      const std::size_t end = bytes_.find(crlf, at_);
      if (end == bytes_.npos) return cut();
      const std::string_view line = bytes_.substr(at_, end - at_);
      at_ = end + crlf.size();
      if (line.empty()) return read_fields(lines, message.trailers);
      lines.push_back(line);
    }
  }

  bool read_response(std::string_view method) {
    if (reading_.end == End::closed || reading_.rest == bytes_.size()) return cut();
    Message message;
    const auto lines = head_lines(message);
    if (!lines) return cut();
    const std::string_view line = lines->front();
    if (line.size() < 12 || line[8] != ' ' || !read_version(message, line.substr(0, 8))) return refuse("no version");
    const auto status = decimal(line.substr(9, 3));
    if (!status || *status < 100 || *status > 599) return refuse("no status");
    message.status = static_cast<unsigned>(*status);
    const std::string_view reason = line.substr(12);
    const bool may_be_missing = as_ == As::received && reason.empty();
    if (!may_be_missing && (!reason.starts_with(' ') || !is_text(reason))) return refuse("no reason");
    if (!read_fields(std::span(*lines).subspan(1), message.fields)) return false;
    if (!read_connection(message)) return false;
    message.method = method;
    return read_framing(message) && add(std::move(message));
  }

  // RFC 9112 6.3.
  bool read_response_body(Message& message, const Length& length, bool has_coding) {
    const bool interim_or_empty = message.status < 200 || message.status == 204;
    if (interim_or_empty && (has_coding || length.given) && as_ == As::sent) return refuse("framing of no body");
    const bool has_body = !interim_or_empty && message.status != 304 && message.method != "HEAD";
    if (message.status == 101) message.persists = false;
    if (!has_body) return true;
    if (message.chunked) return read_chunks(message);
    if (length.given) return read_bytes(message, length.bytes);
    message.persists = false;
    if (!ended_) return cut();
    return read_bytes(message, bytes_.size() - at_);
  }

  bool add(Message message) {
    message.end = reading_.rest = at_;
    const bool goes_on = message.persists || (message.status != 0 && message.status < 200 && message.status != 101);
    if (!goes_on) reading_.end = End::closed;
    const bool more = goes_on || message.status != 0;
    reading_.messages.push_back(std::move(message));
    return more;
  }

  std::string_view bytes_;
  As as_;
  bool ended_ = false;
  std::size_t at_ = 0;  // in the message that is being read
  Reading reading_;
};

}  // namespace

Reading read_requests(std::string_view bytes, As as) { return Reader(bytes, as).requests(); }

Reading read_responses(std::string_view bytes, const std::vector<std::string>& methods, bool ended, As as) {
  return Reader(bytes, as).responses(methods, ended);
}

bool lists(const Message& message, std::string_view field, std::string_view token) {
  return std::ranges::any_of(message.fields, [&](const Line& line) {
    return same_name(line.name, field) &&
           std::ranges::any_of(items(line.value), [&](std::string_view item) { return same_name(item, token); });
  });
}

}  // namespace sallyport::support::strict
