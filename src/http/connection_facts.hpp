// SPDX-License-Identifier: Apache-2.0
// What is known of a client's connection, for all its requests: one answer to who asks, wherever that is needed.
//
// Filled once, when the connection is handed to a server; that connection owns it.

#pragma once

#include <cstdint>
#include <string_view>

#include "http/message.hpp"
#include "net/tls/facts.hpp"
#include "syntax/address.hpp"

namespace sallyport::http {

// How the client's address came to us.
enum class ClientSource : std::uint8_t {
  socket,        // it is the peer
  proxy_header,  // the peer named it, in a header of the PROXY protocol
  hidden,        // the peer speaks for somebody whom it does not name: nothing that is said of the client is believed
};

struct ConnectionFacts {
  syntax::SocketAddress peer;    // of the socket
  syntax::SocketAddress client;  // who made the connection, as far as we know; of `hidden` the peer's
  syntax::SocketAddress local;   // what the client connected to
  ClientSource client_source = ClientSource::socket;
  bool is_secure = false;  // the client spoke TLS, with us or with the peer
  // Id of the policy that the handshake was made under (model/certificate.hpp); empty: no TLS with us. Of whoever made
  // the connection.
  std::string_view tls_policy = {};
  Version protocol = Version::http11;
  const net::tls::Facts* tls = nullptr;  // of its stream; null on cleartext

  // Of one that speaks for itself.
  static ConnectionFacts of(const syntax::SocketAddress& peer) { return {.peer = peer, .client = peer}; }
};

}  // namespace sallyport::http
