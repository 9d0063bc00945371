// SPDX-License-Identifier: Apache-2.0
// The first message of a TLS client, read before OpenSSL sees it: what a connection is for is judged once, here, of the
// whole message (reference: reliability-security.md T-3, T-5; RFC 8446 4.1.2, 5.1). Pure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::net::tls {

struct ClientHello {
  std::string server_name;             // as syntax::canonical_authority() writes it; empty: none was given
  std::vector<std::string> protocols;  // of ALPN, in its order
  std::uint16_t version = 0;           // the highest that it can: 0x0303 is TLS 1.2, 0x0304 TLS 1.3

  bool offers(std::string_view protocol) const;
};

struct HelloReading {
  enum class State : std::uint8_t {
    whole,
    partial,  // more must come: it is not judged by its beginning
    not_tls,  // this is no record of a handshake
    bad,
  };
  State state = State::partial;
  std::size_t wanted = 0;  // partial: before there are so many bytes, another reading is in vain
  const char* fault = "";  // bad: what is wrong
  ClientHello hello = {};
};

inline constexpr std::size_t longest_hello = 16 * 1024;          // the message, of which records may each have a byte
inline constexpr std::size_t longest_hello_on_wire = 32 * 1024;  // with those records' heads

// Of all bytes that came; what is behind the message is no matter.
HelloReading read_client_hello(std::string_view bytes);

}  // namespace sallyport::net::tls
