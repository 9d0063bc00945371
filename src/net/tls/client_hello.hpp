// SPDX-License-Identifier: Apache-2.0
// The first message of a TLS client, read before OpenSSL sees it: what a connection is for is judged once, here, of the
// whole message (reference: reliability-security.md T-3, T-5; RFC 8446 4.1.2, 5.1). What it says of versions, ciphers
// and ALPN is OpenSSL's to judge. Pure.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sallyport::net::tls {

struct ClientHello {
  std::string server_name;  // as syntax::canonical_authority() writes it; empty: none was given
};

struct HelloReading {
  enum class State : std::uint8_t {
    whole,
    partial,  // more must come: it is not judged by its beginning
    not_tls,  // this is no record of a handshake
    bad,
  };
  State state = State::partial;
  // Partial: before there are so many bytes, another reading is in vain. Never more than longest_hello_on_wire.
  std::size_t wanted = 0;
  const char* fault = "";  // bad: what is wrong
  ClientHello hello = {};
};

inline constexpr std::size_t longest_hello = 16 * 1024;          // the message, of which records may each have a byte
inline constexpr std::size_t longest_hello_on_wire = 32 * 1024;  // with those records' heads

// Of all bytes that came; what is behind the message is no matter.
HelloReading read_client_hello(std::string_view bytes);

}  // namespace sallyport::net::tls
