// SPDX-License-Identifier: Apache-2.0
// Why a handshake came to nothing: one word for logs and metrics, and a sentence for people.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::net::tls {

enum class Reason : std::uint8_t {
  timeout,             // no ClientHello in time, or no end
  gone,                // the peer ended or reset the connection
  not_tls,             // its first bytes are no TLS record
  bad_hello,           // a ClientHello that breaks the rules, or is too long
  unknown_name,        // nobody serves that name (alert unrecognized_name)
  no_policy,           // the name is served, and its settings are broken: fails closed
  no_protocol,         // nothing in common in ALPN (T-8)
  no_version,          // nor in versions or ciphers
  client_certificate,  // missing, or not to be trusted
  untrusted,           // the upstream's certificate is not
  peer_alert,          // the peer gave up
  overloaded,          // as many handshakes as may be, or no memory
  failed,              // anything else
};
inline constexpr std::size_t reason_count = 13;

// "timeout", "unknown_name" …
std::string_view word(Reason reason);

struct Refusal {
  Reason reason = Reason::failed;
  std::string detail = {};  // never a byte of a key
};

// The fatal alert that tells a peer, as a record of its own: for when OpenSSL has not yet a part in it. Empty: none.
std::string_view alert_record(Reason reason);

}  // namespace sallyport::net::tls
