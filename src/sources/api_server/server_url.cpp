// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/server_url.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "syntax/host.hpp"

namespace sallyport::sources::api_server {
namespace {

constexpr std::uint16_t port_of(bool is_tls) { return is_tls ? 443 : 80; }

// What stands in a path as it is (RFC 3986 3.3), and nothing that a second reader could take for another path.
bool is_plain_path(std::string_view path) {
  const auto may_stand = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/-._~!$&'()*+,;=:@").contains(c);
  };
  if (!std::ranges::all_of(path, may_stand) || path.contains("//")) return false;
  const auto parts = text::split(path, '/');
  return std::ranges::none_of(parts, [](std::string_view part) { return part == "." || part == ".."; });
}

}  // namespace

std::string ServerUrl::authority() const {
  std::string written = host.contains(':') ? text::cat("[", host, "]") : host;
  if (port != port_of(is_tls)) written += text::cat(":", port);
  return written;
}

std::string ServerUrl::text() const { return text::cat(is_tls ? "https://" : "http://", authority(), prefix); }

Result<ServerUrl> parse_server_url(std::string_view text) {
  ServerUrl url;
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    url.is_tls = false;
    text.remove_prefix(7);
  } else {
    return fail(invalid("must begin with https:// or http://"));
  }
  if (text.find_first_of("?#") != text.npos) return fail(invalid("must have no query and no fragment"));
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string_view authority = text.substr(0, slash);
  std::string_view path = text.substr(slash);
  if (authority.contains('@')) return fail(invalid("must have no user information"));
  std::array<char, syntax::authority_room> room{};
  const Result<syntax::Authority> read = syntax::canonical_authority(authority, room);
  if (!read) return fail(invalid("has no host and port that can be read"));
  url.host = read->host;
  if (url.host.starts_with('[')) url.host = url.host.substr(1, url.host.size() - 2);
  url.port = read->port == 0 ? port_of(url.is_tls) : read->port;
  while (path.ends_with('/')) path.remove_suffix(1);
  if (!is_plain_path(path)) return fail(invalid("has a path that is not plain"));
  url.prefix = path;
  return url;
}

}  // namespace sallyport::sources::api_server
