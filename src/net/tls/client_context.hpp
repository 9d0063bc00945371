// SPDX-License-Identifier: Apache-2.0
// How one kind of upstream is spoken to by TLS: an SSL_CTX for all connections of a worker with the same settings.
// Verifies by default (reference: reliability-security.md T-6). Belongs to its worker's thread; its streams keep it.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/tls/context.hpp"
#include "net/tls/credentials.hpp"
#include "net/tls/library.hpp"

namespace sallyport::net::tls {

struct UpstreamSettings {
  std::string server_name;  // a host name, which is sent too (SNI), or an address, which is not
  std::vector<std::string> sans =
      {};               // names, addresses or URIs: when there are any, it must be for one of them instead
  bool verify = true;   // off: whoever answers is taken for the upstream
  std::string ca = {};  // PEM; empty: the certificates that the system trusts
  std::shared_ptr<const Credentials> credentials = nullptr;  // shown when the upstream asks; null: none
  std::vector<std::string> protocols = {};                   // of ALPN, the best first
};

class ClientContext {
 public:
  // An error is one of the settings: a broken bundle, a name that is none.
  static Result<std::shared_ptr<const ClientContext>> make(Library& library, const UpstreamSettings& settings);
  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;
  ~ClientContext();

  Library& library() const { return library_; }
  ssl_ctx_st* context() const { return context_.get(); }
  // What is sent as SNI; empty: nothing.
  const std::string& server_name() const { return server_name_; }

 private:
  friend struct ClientCalls;  // what OpenSSL calls

  explicit ClientContext(Library& library);

  Library& library_;
  std::string server_name_;
  std::vector<std::string> names_;  // one of which the certificate must be for
  Owned<ssl_ctx_st> context_;
};

}  // namespace sallyport::net::tls
