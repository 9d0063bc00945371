// SPDX-License-Identifier: Apache-2.0
// The typed model of requests and responses that parsers make, filters change and serialisers write. Nothing else of
// what a peer sent goes on (reference: reliability-security.md, law 1).
//
// Belongs to one exchange; texts live in its arena or read buffer, until its end.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.hpp"
#include "http/body.hpp"
#include "http/fields.hpp"
#include "http/tunnel.hpp"

namespace sallyport::http {

enum class Method : std::uint8_t { other, get, head, post, put, delete_, options, patch, trace, connect };
enum class Version : std::uint8_t { http10, http11, http2 };

// RFC 9112 3.2. authority (CONNECT) is parsed and then refused.
enum class TargetForm : std::uint8_t { origin, absolute, authority, asterisk };

// How the end of a body is known (RFC 9112 6.3).
struct Framing {
  enum class Kind : std::uint8_t {
    none,     // no body, and no field that speaks of one
    length,   // `length` bytes, also 0
    chunked,  //
    close,    // a response only: until the connection ends
  };

  Kind kind = Kind::none;
  std::uint64_t length = 0;

  bool operator==(const Framing&) const = default;
};

struct RequestHead {
  explicit RequestHead(Arena& arena) : fields(arena) {}

  Method method = Method::other;
  std::string_view method_text;
  Version version = Version::http11;
  TargetForm form = TargetForm::origin;
  std::string_view raw_target;  // as received; for logs only
  std::string_view path;        // canonical; "*" for the asterisk form
  // The same path with its runs of '/' as they came; empty when it has none, or when they are not merged anyway. For
  // rules that do not merge them.
  std::string_view unmerged_path;
  std::string_view query;      // without '?'
  bool has_query = false;      // "/a?" has an empty one
  std::string_view host;       // canonical: lower case, no port, no trailing dot; empty when HTTP/1.0 had none
  std::uint16_t port = 0;      // 0: none was named
  std::string_view authority;  // host and port as they go on, "shop.example.com:8080"

  // Without those that only concern this hop, which are the members below; in the order received. Host is not in it.
  Fields fields;
  Framing framing;
  bool keep_alive = true;         // the client would send another request on this connection
  bool expects_continue = false;  // Expect: 100-continue
  bool accepts_trailers = false;  // TE: trailers
  std::string_view upgrade;       // "websocket" or empty: no other protocol is switched to (H1-12)
};

struct ResponseHead {
  explicit ResponseHead(Arena& arena) : fields(arena) {}

  std::uint16_t status = 200;
  std::string_view reason;
  Version version = Version::http11;
  Fields fields;  // as for a request: end to end only
  Framing framing;
  bool keep_alive = true;
  std::string_view upgrade;  // of a 101
};

struct Request {
  explicit Request(Arena& arena) : head(arena) {}

  RequestHead head;
  Body* body = nullptr;  // the session's; null when there is none
};

struct Response {
  explicit Response(Arena& arena) : head(arena) {}

  ResponseHead head;
  ArenaPtr<Body> body;      // null when there is none
  ArenaPtr<Tunnel> tunnel;  // of a 101
};

}  // namespace sallyport::http
