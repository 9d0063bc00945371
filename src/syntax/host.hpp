// SPDX-License-Identifier: Apache-2.0
// The canonical authority of a request (rule H1-9), and the host names of Kubernetes objects (RFC 1123). Pure.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.hpp"

namespace sallyport::syntax {

struct Authority {
  std::string_view host;   // a name, 192.0.2.1 or [2001:db8::1]
  std::uint16_t port = 0;  // 0: none was written

  friend bool operator==(const Authority&, const Authority&) = default;
};

// The room that is always enough for canonical_authority().
inline constexpr std::size_t authority_room = 256;

// host[:port] of at most 255 bytes. Names are lower-cased and lose one trailing dot; an IPv6 address is written as
// RFC 5952 asks, in its brackets. Names consist of letters, digits, '-', '_' and single dots; one whose last label is
// all digits must be a dotted IPv4 address, so that 127.1 or 0177.0.0.1 has no second reading. The port is 1 to 65535,
// without default: whether 80 equals none is the caller's business. Everything else is refused: user information, a
// path, a comma, NUL, percent-encoding, zone ids, an empty host, an empty port.
//
// The host is a view of `text` if it was canonical, and otherwise of `room`.
Result<Authority> canonical_authority(std::string_view text, std::span<char> room);

// One label of a DNS name, as RFC 1123 has it: a-z, 0-9, and '-' inside; 1 to 63 bytes. Upper case is refused.
bool is_dns_label(std::string_view text);

// Labels joined by dots, at most 253 bytes, no trailing dot (the RFC 1123 subdomain of Kubernetes).
bool is_hostname(std::string_view text);

// "*." and a hostname, together at most 253 bytes.
bool is_wildcard_hostname(std::string_view text);

}  // namespace sallyport::syntax
