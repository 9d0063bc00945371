// SPDX-License-Identifier: Apache-2.0
#include "net/tls/context.hpp"

#include <openssl/ssl.h>

#include "net/tls/library.hpp"
#include "net/tls/stream.hpp"

namespace sallyport::net::tls {
namespace {

int number_of(Version version) { return version == Version::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION; }

}  // namespace

Owned<ssl_ctx_st> make_context(const Library& library, bool server, Version least, Version most) {
  Owned<SSL_CTX> made(SSL_CTX_new_ex(library.context(), nullptr, server ? TLS_server_method() : TLS_client_method()));
  if (!made) return made;
  SSL_CTX* context = made.get();
  // All of it is said, whatever a configuration of the system has set before.
  SSL_CTX_clear_options(
      context, SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA);
  constexpr const char* tls12 =
      "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
      "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
  SSL_CTX_set_security_level(context, 2);
  const bool usable =
      SSL_CTX_set_min_proto_version(context, number_of(least)) == 1 &&
      SSL_CTX_set_max_proto_version(context, number_of(most)) == 1 && SSL_CTX_set_cipher_list(context, tls12) == 1 &&
      SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") ==
          1 &&
      SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1;
  if (!usable) return {};
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, 64 * 1024);
  SSL_CTX_set_info_callback(context, Stream::hear);
  return made;
}

std::string written_protocols(std::span<const std::string> protocols) {
  std::string written;
  for (const std::string& protocol : protocols) {
    written += static_cast<char>(protocol.size());
    written += protocol;
  }
  return written;
}

}  // namespace sallyport::net::tls
