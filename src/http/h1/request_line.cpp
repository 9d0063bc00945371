// SPDX-License-Identifier: Apache-2.0

#include "http/h1/request_line.hpp"

#include <cstring>

#include "http/scan.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h1 {
namespace {

std::string_view between(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

// The line does not go on as it must at `c`.
Failure refuse_byte(char c, const char* rule, const char* what) {
  if (c == '\n') return fail(Code::bad_request, "H1-6", "a line ends in a bare LF");
  return fail(Code::bad_request, rule, what);
}

// `text` is the whole third part of the line.
Result<Version> version_named(std::string_view text) {
  if (text == "HTTP/1.1") return Version::http11;
  if (text == "HTTP/1.0") return Version::http10;
  const bool well_formed = text.size() == 8 && text.starts_with("HTTP/") && syntax::is_digit(text[5]) &&
                           text[6] == '.' && syntax::is_digit(text[7]);
  if (!well_formed) return fail(Code::bad_request, "H1-11", "the request line does not end in an HTTP version");
  return fail(Code::version_not_supported, "H1-11", "only HTTP/1.1 and HTTP/1.0 are spoken here");
}

// The third part and the line's end, from `at` on.
Result<RequestLine> read_version(RequestLine line, const char* begin, const char* at, const char* end) {
  constexpr std::string_view usual = "HTTP/1.1\r\n";
  if (static_cast<std::size_t>(end - at) >= usual.size() && std::memcmp(at, usual.data(), usual.size()) == 0) {
    line.size = static_cast<std::size_t>(at - begin) + usual.size();
    return line;
  }
  const char* const stop = target_end(at, end);
  if (stop == end || (*stop == '\r' && stop + 1 == end)) return RequestLine();
  if (*stop != '\r') return refuse_byte(*stop, "H1-11", "the request line is not method, target and version");
  if (stop[1] != '\n') return fail(Code::bad_request, "H1-6", "a CR is not followed by LF");
  const auto version = version_named(between(at, stop));
  if (!version) return fail(version.error());
  line.version = *version;
  line.size = static_cast<std::size_t>(stop - begin) + 2;
  return line;
}

// `bytes` are no more than a line may have.
Result<RequestLine> read_line(std::string_view bytes, const Limits& limits) {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  RequestLine line;

  const char* at = begin;
  while (at != end && syntax::is_token_char(*at)) ++at;
  line.method = between(begin, at);
  if (line.method.size() > limits.method) return fail(Code::bad_request, "H1-11", "the method is too long");
  if (at == end) return RequestLine();
  if (*at != ' ' || line.method.empty()) {
    return refuse_byte(*at, "H1-11", "the request line does not start with a method and one space");
  }

  const char* const target = at + 1;
  at = target_end(target, end);
  line.target = between(target, at);
  if (line.target.size() > limits.uri) return fail(Code::uri_too_long, "H1-15", "the request target is too long");
  if (at == end) return RequestLine();
  if (*at != ' ' || line.target.empty()) {
    return refuse_byte(*at, "H1-10", "the request target has a byte that is not allowed, or no version follows it");
  }
  return read_version(line, begin, at + 1, end);
}

// Cuts scheme and authority off an http URI (RFC 9110 4.2); what is left may be empty.
Result<std::string_view> read_absolute(std::string_view uri, Target& parts) {
  const auto colon = uri.find(':');
  const std::string_view scheme = uri.substr(0, colon);
  parts.https = syntax::equals_ignore_case(scheme, "https");
  if (colon == uri.npos || uri.substr(colon, 3) != "://" ||
      !(parts.https || syntax::equals_ignore_case(scheme, "http"))) {
    return fail(Code::bad_request, "H1-10", "the request target is neither a path nor an http URI");
  }
  uri.remove_prefix(colon + 3);
  const auto size = uri.find_first_of("/?");
  parts.form = TargetForm::absolute;
  parts.has_authority = true;
  parts.authority = uri.substr(0, size);
  return size == uri.npos ? std::string_view() : uri.substr(size);
}

}  // namespace

Result<RequestLine> read_request_line(std::string_view bytes, const Limits& limits) {
  auto line = read_line(bytes.substr(0, limits.request_line), limits);
  if (line && line->size == 0 && bytes.size() >= limits.request_line) {
    return fail(Code::uri_too_long, "H1-15", "the request line is too long");
  }
  return line;
}

Method method_begun(std::string_view bytes) {
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);  // forgiven (RFC 9112 2.2)
  const auto size = bytes.find(' ');
  return size == bytes.npos ? Method::other : method_named(bytes.substr(0, size));
}

Result<Target> read_target(std::string_view target, Method method) {
  Target parts;
  if (method == Method::connect) {
    parts.form = TargetForm::authority;
    parts.has_authority = true;
    parts.authority = target;
    return parts;
  }
  if (target == "*") {
    if (method != Method::options) return fail(Code::bad_request, "H1-10", "the target * is for OPTIONS");
    parts.form = TargetForm::asterisk;
    parts.path = target;
    return parts;
  }
  if (target[0] != '/') {
    auto rest = read_absolute(target, parts);
    if (!rest) return fail(rest.error());
    target = *rest;
  }

  read_path_and_query(target, method, parts);
  return parts;
}

}  // namespace sallyport::http::h1
