// SPDX-License-Identifier: Apache-2.0
#include "http/h2/response_reader.hpp"

#include <algorithm>
#include <string>

#include "http/gateway_answer.hpp"
#include "http/h2/connection_fields.hpp"
#include "http/trailer_rules.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h2 {
namespace {

using syntax::HeaderId;

constexpr std::size_t field_cost = 64;  // beside its texts (H2-4)

Failure refuse(const char* rule, std::string what) { return fail(Code::upstream_malformed, rule, std::move(what)); }

bool is_lower_token(std::string_view name) {
  return syntax::is_token(name) && std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool has_blank_ends(std::string_view value) { return syntax::trim_ows(value).size() != value.size(); }

}  // namespace

ResponseReader::ResponseReader(Of of, const Limits& limits, Method request_method, Arena& arena)
    : of_(of),
      request_method_(request_method),
      arena_(arena),
      head_(arena),
      left_(of == Of::head ? limits.head : limits.trailers),
      fields_left_(of == Of::head ? limits.fields : limits.trailer_fields) {
  head_.version = Version::http2;
}

Result<void> ResponseReader::append(HeaderId id, const Line& field) {
  const auto [name, value, is_secret] = field;
  const std::size_t before = head_.fields.size();
  const std::string_view kept_name = id == HeaderId::other ? arena_.copy(name) : syntax::name_of(id);
  const std::string_view kept_value = arena_.copy(value);
  const bool kept = kept_name.size() == name.size() && kept_value.size() == value.size();
  if (!kept || !head_.fields.append(id, kept_name, kept_value)) return fail(Code::overloaded);
  if (is_secret) head_.fields.mark_secret(before);
  return {};
}

Result<void> ResponseReader::add(const Line& field) {
  const auto [name, value, is_secret] = field;
  const std::size_t cost = name.size() + value.size() + field_cost;
  if (cost > left_) return refuse("H2-4", "the head is too long");
  left_ -= cost;
  if (name.starts_with(':')) return add_pseudo(name, value);
  if (fields_left_-- == 0) {
    fields_left_ = 0;
    return refuse("H2-4", "too many fields");
  }
  if (of_ == Of::head && !has_status_) return refuse("H2-7", "a field comes before :status");
  if (!is_lower_token(name)) return refuse("H2-7", "a field name is not a token in lower case");
  if (!syntax::is_field_value(value)) return refuse("H2-7", "a field value has a control character");
  if (has_blank_ends(value)) return refuse("H2-7", "a field value has blanks around it");
  const HeaderId id = syntax::header_id(name);
  if (is_of_connection(id)) return refuse("H2-7", "a field speaks of the connection");
  if (of_ == Of::trailers) {
    if (may_be_trailer(id, name)) return append(id, field);
    ++dropped_;
    return {};
  }
  if (id == HeaderId::content_length) return add_length(value);
  if (syntax::is_hop_by_hop(id) && id != HeaderId::trailer) return {};
  return append(id, field);
}

// RFC 9113 8.3.2.
Result<void> ResponseReader::add_pseudo(std::string_view name, std::string_view value) {
  if (of_ == Of::trailers) return refuse("H2-7", "trailers have a pseudo-header field");
  if (name != ":status" || has_status_ || !head_.fields.empty()) {
    return refuse("H2-7", "a pseudo-header field other than one :status before all fields");
  }
  const bool is_number = value.size() == 3 && std::ranges::all_of(value, syntax::is_digit);
  if (!is_number || value[0] < '1' || value[0] > '5')
    return refuse("H2-7", "the status is not a number from 100 to 599");
  has_status_ = true;
  head_.status = static_cast<std::uint16_t>((value[0] - '0') * 100 + (value[1] - '0') * 10 + (value[2] - '0'));
  head_.reason = reason_phrase(head_.status);
  // RFC 9113 8.6: there is no switch of protocols.
  if (head_.status == 101) return refuse("H2-7", "101 in HTTP/2");
  return {};
}

// Content-Length is then of the answer to a GET (RFC 9110 8.6).
bool ResponseReader::describes_another_answer() const {
  return head_.status == 304 || (request_method_ == Method::head && head_.status >= 200 && head_.status != 204);
}

Result<void> ResponseReader::add_length(std::string_view value) {
  const Error* error = framing_.read_content_length(value);
  if (error != nullptr) return refuse("H2-8", error->detail);
  if (!describes_another_answer()) return {};
  value.remove_prefix(std::min(value.find_first_not_of('0'), value.size() - 1));
  return append(HeaderId::content_length, {.name = "content-length", .value = value});
}

Result<void> ResponseReader::finish(bool ends, Notes& notes) {
  if (of_ == Of::trailers) {
    notes.trailers_dropped += dropped_;
    return {};
  }
  if (!has_status_) return refuse("H2-7", "there is no :status");
  if (head_.status < 200) {
    if (ends) return refuse("H2-7", "the stream ends with an interim answer");
    return {};
  }
  const bool has_no_body = request_method_ == Method::head || head_.status == 204 || head_.status == 304;
  if (has_no_body) {
    head_.framing.kind = Framing::Kind::none;
    return {};
  }
  if (ends) {
    if (framing_.length().value_or(0) != 0) return refuse("H2-8", "Content-Length, and no body");
    head_.framing = {.kind = Framing::Kind::length, .length = 0};
  } else if (framing_.length()) {
    head_.framing = {.kind = Framing::Kind::length, .length = *framing_.length()};
  } else {
    head_.framing.kind = Framing::Kind::chunked;
  }
  return {};
}

}  // namespace sallyport::http::h2
