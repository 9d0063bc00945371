// SPDX-License-Identifier: Apache-2.0
// How one policy is spoken to clients: an SSL_CTX for all connections of a worker that have it. The certificate comes
// with each handshake, so that thousands of names share a policy (reference: reliability-security.md T-1, T-3, T-4,
// T-8). Belongs to its worker's thread; its streams keep it.

#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/tls/context.hpp"
#include "net/tls/library.hpp"

namespace sallyport::net::tls {

enum class ClientValidation : std::uint8_t { off, optional, require };

struct ServerPolicy {
  Version least = Version::tls12;
  Version most = Version::tls13;
  std::vector<std::string> protocols = {};  // of ALPN, the best first; a client that names none of them is refused
  ClientValidation clients = ClientValidation::off;
  std::string client_ca = {};       // PEM: whose certificates clients may have; without any, none can
  std::string client_revoked = {};  // PEM: lists of those that are revoked (T-7); empty: none is asked

  // Of all that is in it: two with the same id are the same. Hex digits.
  std::string id() const;
};

class ServerContext {
 public:
  // An error: the bundle of clients' CAs, or a list, is broken, and who needs it must be refused.
  static Result<std::shared_ptr<ServerContext>> make(Library& library, const ServerPolicy& policy);
  ServerContext(const ServerContext&) = delete;
  ServerContext& operator=(const ServerContext&) = delete;
  ~ServerContext();

  const std::string& id() const { return id_; }
  Library& library() const { return library_; }
  ClientValidation clients() const { return clients_; }
  ssl_ctx_st* context() const { return context_.get(); }
  // Those of a former span.
  void drop_ticket_keys();

 private:
  friend struct ServerCalls;  // what OpenSSL calls

  ServerContext(Library& library, const ServerPolicy& policy);
  const TicketKeys::Keys& ticket_keys();

  Library& library_;
  std::string id_;
  ClientValidation clients_;
  std::string protocols_;  // as written
  Owned<ssl_ctx_st> context_;
  TicketKeys::Keys keys_;
  std::uint64_t keys_of_ = 0;
  bool has_keys_ = false;
};

}  // namespace sallyport::net::tls
