// SPDX-License-Identifier: Apache-2.0
// What a request means, whatever version of HTTP it came in: method, target, authority, and the fields that every
// version treats alike (RFC 9110; reference: reliability-security.md H1-8 to H1-15, H1-20). A parser takes a message
// apart and hands the parts to these rules, which make the model of them or refuse.
//
// Pure; of one head, whose texts are views of what they are given or of the arena.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/arena.hpp"
#include "base/error.hpp"
#include "http/framing_fields.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "http/notes.hpp"
#include "syntax/header_name.hpp"

namespace sallyport::http {

// The target of a request in parts.
struct Target {
  TargetForm form = TargetForm::origin;
  bool has_authority = false;  // absolute and authority form, and the OPTIONS of a whole server named by its URI
  bool https = false;          // the scheme of the URI
  std::string_view authority;  // as received
  std::string_view path;       // as received: "*", or with '/' in front; empty for the authority form
  std::string_view query;      // without '?'
  bool has_query = false;
};

// Names of methods are case-sensitive (RFC 9110 9.1).
Method method_named(std::string_view name);

// The path and query of `target`, which starts with '/', '?' or nothing: a URI may have no path (RFC
// 9112 3.2.1, 3.2.4).
void read_path_and_query(std::string_view target, Method method, Target& parts);

class RequestRules {
 public:
  RequestRules(const Conduct& conduct, Arena& arena, RequestHead& head)
      : conduct_(conduct), arena_(arena), head_(head) {}

  // Every read: false, and there is an error, when it is refused.

  void read_method(std::string_view name);
  // After the method.
  [[nodiscard]] bool read_target(const Target& target);
  // Also of a pseudo field; a second one must be the same (H1-9).
  [[nodiscard]] bool read_authority(std::string_view text);

  // A field that is not the version's own business: not Connection, Upgrade or Transfer-Encoding.
  [[nodiscard]] bool read_field(syntax::HeaderId id, std::string_view name, std::string_view value) {
    using syntax::HeaderId;
    switch (id) {
      case HeaderId::host:
        return read_host(value);
      case HeaderId::content_length:
        return took(framing_.read_content_length(value));
      case HeaderId::expect:
        return read_expect(value);
      case HeaderId::te:
        read_te(value);
        return true;
      case HeaderId::trailer:  // end to end, unlike its neighbours (RFC 9110 6.6.2)
        has_trailer_ = true;
        return append(id, name, value);
      case HeaderId::other:
        if (name.find('_') != name.npos) return read_underscore_name(name, value);
        return append(id, name, value);
      default:
        return syntax::is_hop_by_hop(id) || append(id, name, value);
    }
  }
  [[nodiscard]] bool read_transfer_encoding(std::string_view value) {
    return took(framing_.read_transfer_encoding(value, head_.version));
  }
  [[nodiscard]] bool append(syntax::HeaderId id, std::string_view name, std::string_view value) {
    return head_.fields.append(id, name, value) || no_room();
  }

  // After the last field, when the head's framing is known.
  void finish();

  const FramingFields& framing() const { return framing_; }
  bool has_host() const { return has_host_; }
  bool has_authority() const { return has_authority_; }
  bool has_body() const { return head_.framing.kind == Framing::Kind::chunked || head_.framing.length != 0; }
  Notes& notes() { return notes_; }

  bool refuse(Error error) {
    error_ = std::move(error);
    return false;
  }
  bool refuse(Code code, const char* rule, const char* what) {
    return refuse(Error{.code = code, .rule = rule, .detail = what});
  }
  bool no_room() { return refuse(Code::header_too_large, "H1-15", "the head needs too much memory"); }
  Error take_error() { return std::move(error_); }

 private:
  bool took(const Error* error) { return error == nullptr || refuse(*error); }
  bool read_path(const Target& target);
  bool read_unmerged_path(std::string_view raw);
  std::string_view joined(std::string_view host, std::uint16_t port);
  bool read_host(std::string_view value);
  bool read_expect(std::string_view value);
  void read_te(std::string_view value);
  bool read_underscore_name(std::string_view name, std::string_view value);

  const Conduct& conduct_;
  Arena& arena_;
  RequestHead& head_;
  Notes notes_;
  Error error_;
  FramingFields framing_;
  std::uint16_t default_port_ = 0;
  bool has_authority_ = false;
  bool has_host_ = false;
  bool has_trailer_ = false;
  bool has_expect_ = false;
};

}  // namespace sallyport::http
