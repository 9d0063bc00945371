// SPDX-License-Identifier: Apache-2.0
// What a message's writer is told beside the message: of this connection, and of us.

#pragma once

#include <cstdint>
#include <string_view>

namespace sallyport::http {

// What this connection, not the message, has to say. HTTP/2 says nothing of the first three.
struct Hop {
  bool close = false;             // Connection: close
  bool keep_alive_1_0 = false;    // Connection: keep-alive, for a client of HTTP/1.0
  std::string_view upgrade = {};  // Upgrade and its Connection option: "websocket"
  bool te_trailers = false;       // TE: trailers and its Connection option; requests only
  bool expect_continue = false;   // Expect: 100-continue; requests only
  bool trailers = true;           // the body's trailers go on, and the field that announces them
};

enum class ServerHeader : std::uint8_t {
  pass,     // the upstream's, else ours
  replace,  // ours
  off,      // none
};

// What a final response gets from us. Interim ones (1xx) get nothing.
struct Stamp {
  std::string_view date = {};    // when there is none; empty: not added
  std::string_view server = {};  // empty: not added
  ServerHeader server_header = ServerHeader::pass;
};

}  // namespace sallyport::http
