// SPDX-License-Identifier: Apache-2.0

#include "http/request_rules.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include "syntax/host.hpp"
#include "syntax/path.hpp"
#include "syntax/token.hpp"

namespace sallyport::http {

using syntax::HeaderId;

Method method_named(std::string_view name) {
  switch (name.size()) {
    case 3:
      if (name == "GET") return Method::get;
      return name == "PUT" ? Method::put : Method::other;
    case 4:
      if (name == "POST") return Method::post;
      return name == "HEAD" ? Method::head : Method::other;
    case 5:
      if (name == "PATCH") return Method::patch;
      return name == "TRACE" ? Method::trace : Method::other;
    case 6:
      return name == "DELETE" ? Method::delete_ : Method::other;
    case 7:
      if (name == "OPTIONS") return Method::options;
      return name == "CONNECT" ? Method::connect : Method::other;
    default:
      return Method::other;
  }
}

void read_path_and_query(std::string_view target, Method method, Target& parts) {
  const auto question = target.find('?');
  parts.path = target.substr(0, question);
  parts.has_query = question != target.npos;
  if (parts.has_query) parts.query = target.substr(question + 1);
  if (!parts.path.empty()) return;
  const bool whole_server = method == Method::options && !parts.has_query;
  parts.path = whole_server ? "*" : "/";
  if (whole_server) parts.form = TargetForm::asterisk;
}

void RequestRules::read_method(std::string_view name) {
  head_.method = method_named(name);
  head_.method_text = name;
}

bool RequestRules::read_target(const Target& target) {
  head_.form = target.form;
  default_port_ = conduct_.default_port;
  if (target.has_authority) {
    if (head_.method != Method::connect) default_port_ = target.https ? 443 : 80;
    if (!read_authority(target.authority)) return false;
  }
  // TRACK is what one server calls TRACE; some upstreams do not mind the case of either.
  if (head_.method == Method::connect || syntax::equals_ignore_case(head_.method_text, "TRACE") ||
      syntax::equals_ignore_case(head_.method_text, "TRACK")) {
    return refuse(Code::method_not_allowed, "H1-11", "CONNECT, TRACE and TRACK are not served");
  }
  return read_path(target);
}

bool RequestRules::read_path(const Target& target) {
  head_.has_query = target.has_query;
  head_.query = target.query;
  head_.path = target.path;
  if (target.form == TargetForm::asterisk) return true;
  const auto room = arena_.text(target.path.size() * 3);
  if (room.empty()) return no_room();
  auto path = syntax::canonical_path(target.path, conduct_.path, room);
  if (!path) return refuse(std::move(path.error()));
  head_.path = *path;
  const bool merged = conduct_.path.merge_slashes && path->data() != target.path.data();
  return !merged || read_unmerged_path(target.path);
}

bool RequestRules::read_unmerged_path(std::string_view raw) {
  const auto room = arena_.text(raw.size() * 3);
  if (room.empty()) return no_room();
  syntax::PathOptions options = conduct_.path;
  options.merge_slashes = false;
  auto path = syntax::canonical_path(raw, options, room);
  if (!path) return refuse(std::move(path.error()));
  if (*path != head_.path) head_.unmerged_path = *path;
  return true;
}

bool RequestRules::read_authority(std::string_view text) {
  std::array<char, syntax::authority_room> room;
  auto parsed = syntax::canonical_authority(text, room);
  if (!parsed) return refuse(std::move(parsed.error()));
  if (parsed->port == default_port_) parsed->port = 0;
  if (has_authority_) {
    if (parsed->host == head_.host && parsed->port == head_.port) return true;
    return refuse(Code::bad_request, "H1-9", "Host is not the authority of the request target");
  }
  has_authority_ = true;

  const bool canonical = text.starts_with(parsed->host);
  head_.host = canonical ? text.substr(0, parsed->host.size()) : arena_.copy(parsed->host);
  head_.port = parsed->port;
  head_.authority = head_.host;
  if (parsed->port != 0) {
    const std::string_view port = text.substr(text.rfind(':'));
    const bool as_received = canonical && port[1] != '0' && head_.host.size() + port.size() == text.size();
    head_.authority = as_received ? text : joined(head_.host, parsed->port);
  }
  return (!head_.host.empty() && !head_.authority.empty()) || no_room();
}

// "host:port" in the arena; empty if it has no room.
std::string_view RequestRules::joined(std::string_view host, std::uint16_t port) {
  constexpr std::size_t longest_port = 5;
  const auto room = arena_.text(host.size() + 1 + longest_port);
  if (room.empty()) return {};
  std::memcpy(room.data(), host.data(), host.size());
  room[host.size()] = ':';
  const auto end = std::to_chars(room.data() + host.size() + 1, room.data() + room.size(), port).ptr;
  return {room.data(), static_cast<std::size_t>(end - room.data())};
}

bool RequestRules::read_host(std::string_view value) {
  if (has_host_) return refuse(Code::bad_request, "H1-9", "more than one Host");
  has_host_ = true;
  return read_authority(value);
}

bool RequestRules::read_expect(std::string_view value) {
  if (head_.version == Version::http10) {  // RFC 9110 10.1.1
    ++notes_.expectations_ignored;
    return true;
  }
  if (has_expect_ || !syntax::equals_ignore_case(value, "100-continue")) {
    return refuse(Code::expectation_failed, "H1-13", "the one expectation that can be met is 100-continue");
  }
  has_expect_ = true;
  return true;
}

void RequestRules::read_te(std::string_view value) {
  syntax::for_each_list_item(value, [this](std::string_view coding) {
    if (syntax::equals_ignore_case(coding, "trailers")) head_.accepts_trailers = true;
  });
}

bool RequestRules::read_underscore_name(std::string_view name, std::string_view value) {
  if (conduct_.underscores == Underscores::reject) {
    return refuse(Code::bad_request, "H1-8", "a field name has an underscore");
  }
  const HeaderId alias = syntax::alias_id(name);
  const bool ours = syntax::is_managed_name(name) || syntax::is_hop_by_hop(alias) || alias == HeaderId::expect;
  if (conduct_.underscores == Underscores::keep && !ours) return append(HeaderId::other, name, value);
  ++notes_.underscore_names;
  return true;
}

void RequestRules::finish() {
  // Without a body there is nothing to wait for, and a forwarded expectation could only confuse (H1-13).
  head_.expects_continue = has_expect_ && has_body();
  if (has_expect_ && !has_body()) ++notes_.expectations_ignored;
  if (has_trailer_ && head_.framing.kind != Framing::Kind::chunked) head_.fields.remove(HeaderId::trailer);
}

}  // namespace sallyport::http
