// SPDX-License-Identifier: Apache-2.0
// A certificate, what stands above it, and its key, as one worker's OpenSSL holds them: shown at each handshake of
// whoever it is for, client or server. Never changes; shared on its worker's thread.

#pragma once

#include <memory>
#include <string_view>

#include "base/result.hpp"
#include "net/tls/library.hpp"
#include "net/tls/openssl.hpp"

namespace sallyport::net::tls {

class Credentials {
 public:
  // Both as PEM: the certificate first, then those above it, as far as there are any. No message has a byte of the key.
  // The texts are not needed afterwards.
  static Result<std::shared_ptr<const Credentials>> make(Library& library, std::string_view chain,
                                                         std::string_view key);

  // For one handshake, or a context's all. False: OpenSSL does not take it.
  [[nodiscard]] bool put_into(ssl_st* ssl) const;
  [[nodiscard]] bool put_into(ssl_ctx_st* context) const;

 private:
  Credentials() = default;

  Owned<x509_st> certificate_;
  Owned<stack_st_X509> above_;
  Owned<evp_pkey_st> key_;
};

// The certificates of a bundle; nothing else may be between them but text. At least one.
Result<Owned<stack_st_X509>> read_certificates(const Library& library, std::string_view pem);

// The revocation lists that are in it. At least one.
Result<Owned<stack_st_X509_CRL>> read_revocation_lists(const Library& library, std::string_view pem);

}  // namespace sallyport::net::tls
