// SPDX-License-Identifier: Apache-2.0
#include "http/h2/request_reader.hpp"

#include <algorithm>

#include "http/h2/connection_fields.hpp"
#include "http/scan.hpp"
#include "http/websocket.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h2 {
namespace {

using syntax::HeaderId;

bool is_lower_token(std::string_view name) {
  return syntax::is_token(name) && std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// Without blanks at its ends (RFC 9113 8.2.1).
bool is_value(std::string_view value) {
  return syntax::is_field_value(value) && syntax::trim_ows(value).size() == value.size();
}

bool is_target(std::string_view text) {
  const char* const end = text.data() + text.size();
  return target_end(text.data(), end) == end;
}

}  // namespace

RequestReader::RequestReader(const ServerSettings& settings, Arena& arena, RequestHead& head)
    : limits_(settings.limits), arena_(arena), head_(head), rules_(settings.conduct, arena, head) {
  head_.version = Version::http2;
}

bool RequestReader::read(const Line& field) {
  const auto [name, value, is_secret] = field;
  if (!is_value(value)) return false;
  if (name.starts_with(':')) return !pseudo_over_ && read_pseudo(name, value);
  if (!is_lower_token(name) || !end_pseudo()) return false;
  return read_regular(field);
}

// Counted as if it had come in full, whatever it took to send.
bool RequestReader::is_too_large(std::string_view name, std::string_view value) {
  bytes_ += name.size() + value.size() + around_field;
  if (is_refused_) return true;
  if (bytes_ > limits_.head) refused(rules_.refuse(Code::header_too_large, "H2-4", "the head is too long"));
  return is_refused_;
}

bool RequestReader::read_pseudo(std::string_view name, std::string_view value) {
  if (is_too_large(name, value)) return true;
  if (name == ":method") return syntax::is_token(value) && set(method, method_, value);
  if (name == ":scheme") return set(scheme, scheme_, value);
  if (name == ":authority") return set(authority, authority_, value);
  if (name == ":path") return is_target(value) && set(path, path_, value);
  return name == ":protocol" && syntax::is_token(value) && set(protocol, protocol_, value);
}

// False: it came before.
bool RequestReader::set(Pseudo which, std::string_view& to, std::string_view value) {
  if ((seen_ & which) != 0) return false;
  seen_ |= which;
  to = arena_.copy(value);
  return to.size() == value.size() || refused(rules_.no_room());
}

// Once, before the first regular field or at the end.
bool RequestReader::end_pseudo() {
  if (pseudo_over_) return true;
  pseudo_over_ = true;
  if (is_refused_) {
    rules_.read_method(method_);  // the answer to HEAD has no content, whatever else is wrong (RFC 9110 9.3.2)
    return true;
  }
  if ((seen_ & method) == 0) return false;
  if (method_ == "CONNECT") return end_connect();
  const bool is_https = syntax::equals_ignore_case(scheme_, "https");
  if ((seen_ & protocol) != 0 || !(is_https || syntax::equals_ignore_case(scheme_, "http"))) return false;
  Target target{.has_authority = (seen_ & authority) != 0, .https = is_https, .authority = authority_};
  rules_.read_method(method_);
  head_.raw_target = path_;
  if (path_ == "*" && head_.method == Method::options) {
    target.form = TargetForm::asterisk;
    target.path = path_;
  } else if (!path_.starts_with('/')) {
    return false;
  } else {
    read_path_and_query(path_, head_.method, target);
  }
  if (method_.size() > limits_.method) {
    return refused(rules_.refuse(Code::bad_request, "H1-11", "the method is too long"));
  }
  if (path_.size() > limits_.uri) {
    return refused(rules_.refuse(Code::uri_too_long, "H1-15", "the request target is too long"));
  }
  return refused(rules_.read_target(target));
}

// A tunnel to anywhere is not served. One to a program that speaks WebSocket is the GET that asks for it in HTTP/1
// (RFC 8441 4, 5).
bool RequestReader::end_connect() {
  head_.raw_target = (seen_ & path) != 0 ? path_ : authority_;
  if ((seen_ & protocol) == 0) {
    if ((seen_ & (scheme | path)) != 0 || (seen_ & authority) == 0) return false;
    rules_.read_method(method_);
    const Target target{.form = TargetForm::authority, .has_authority = true, .authority = authority_};
    return refused(rules_.read_target(target));
  }
  const bool is_https = syntax::equals_ignore_case(scheme_, "https");
  const bool is_whole = (is_https || syntax::equals_ignore_case(scheme_, "http")) && path_.starts_with('/');
  if (!is_whole || (seen_ & authority) == 0) return false;
  Target target{.has_authority = true, .https = is_https, .authority = authority_};
  rules_.read_method("GET");
  read_path_and_query(path_, Method::get, target);
  if (path_.size() > limits_.uri) {
    return refused(rules_.refuse(Code::uri_too_long, "H1-15", "the request target is too long"));
  }
  if (!rules_.read_target(target)) return refused(false);
  if (!syntax::equals_ignore_case(protocol_, "websocket")) {
    return refused(
        rules_.refuse(Code::not_implemented, "H1-12", "the one protocol that can be switched to is websocket"));
  }
  head_.upgrade = "websocket";
  return true;
}

bool RequestReader::read_regular(const Line& field) {
  const auto [name, value, is_secret] = field;
  const HeaderId id = syntax::header_id(name);
  if (is_of_connection(id)) return false;
  if (id == HeaderId::te && !syntax::equals_ignore_case(value, "trailers")) return false;
  if (is_too_large(name, value)) return true;
  const bool is_crumb = id == HeaderId::cookie && crumbs_++ != 0;
  if (!is_crumb && ++fields_ > limits_.fields) {
    return refused(rules_.refuse(Code::header_too_large, "H1-15", "too many fields"));
  }
  const std::string_view kept_name = id == HeaderId::other ? arena_.copy(name) : syntax::name_of(id);
  const std::string_view kept_value = arena_.copy(value);
  if (kept_name.size() != name.size() || kept_value.size() != value.size()) return refused(rules_.no_room());
  const std::size_t before = head_.fields.size();
  const bool is_accepted = rules_.read_field(id, kept_name, kept_value);
  if (is_secret) head_.fields.mark_secret(before);
  // Another authority than the request's, or a length that is none: what reads only one of two sees another message.
  if (!is_accepted && (id == HeaderId::host || id == HeaderId::content_length)) return false;
  return refused(is_accepted);
}

bool RequestReader::finish(bool ends_stream) {
  if (!end_pseudo()) return false;
  if (is_refused_) return true;
  if (!rules_.has_authority()) return refused(rules_.refuse(Code::bad_request, "H1-9", "no authority"));
  const auto length = rules_.framing().length();
  if (ends_stream && length.value_or(0) != 0) return false;  // H2-8: nothing of it may go upstream
  if (!head_.upgrade.empty()) {
    if (ends_stream || length) return false;
  } else if (length) {
    head_.framing = {.kind = Framing::Kind::length, .length = *length};
  } else if (!ends_stream) {
    head_.framing.kind = Framing::Kind::chunked;
  }
  rules_.finish();
  if (!head_.upgrade.empty() && !from_extended_connect(head_, arena_)) return refused(rules_.no_room());
  if (crumbs_ > 1 && !head_.fields.join(HeaderId::cookie, "; ")) return refused(rules_.no_room());  // RFC 9113 8.2.3
  return true;
}

}  // namespace sallyport::http::h2
