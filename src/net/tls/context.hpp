// SPDX-License-Identifier: Apache-2.0
// What the contexts of both sides have in common: which TLS is spoken at all (reference: reliability-security.md T-1).

#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "net/tls/openssl.hpp"

namespace sallyport::net::tls {

class Library;

enum class Version : std::uint8_t { tls12, tls13 };

// TLS 1.2 and 1.3 within these bounds; AEAD and ECDHE only, no compression, no renegotiation. Null: no memory.
Owned<ssl_ctx_st> make_context(const Library& library, bool server, Version least, Version most);

// As they are written in a ClientHello. Each has 1 to 255 bytes.
std::string written_protocols(std::span<const std::string> protocols);

}  // namespace sallyport::net::tls
