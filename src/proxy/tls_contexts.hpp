// SPDX-License-Identifier: Apache-2.0
// What one worker makes of policies and certificates for its handshakes: each when it is first needed, and kept for the
// next. A certificate that was renewed is another at the next handshake; connections that are there keep what they
// have. Belongs to the worker's thread.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "model/certificate.hpp"
#include "net/tls/credentials.hpp"
#include "net/tls/library.hpp"
#include "net/tls/server_context.hpp"
#include "routing/snapshot.hpp"

namespace sallyport::proxy {

class TlsContexts {
 public:
  // The seed of session tickets is the same for all workers; nothing of it is kept but what its keys are made of now.
  // `most_connects` bounds handshakes with endpoints.
  TlsContexts(const net::tls::TicketSeed& seed, std::size_t most_connects)
      : ticket_keys_(net::tls::TicketKeys(seed)), most_connects_(most_connects) {}

  // Made when it is first asked for: who speaks no TLS has none.
  net::tls::Library& library();

  bool has_any() const { return !contexts_.empty() || !shown_.empty(); }

  // Null: there can be no handshake under this policy.
  std::shared_ptr<net::tls::ServerContext> context_for(const routing::TlsChoice& choice);
  // Null: no handshake with this certificate.
  std::shared_ptr<const net::tls::Credentials> credentials_for(const routing::Certificate& certificate);
  // The id of a policy that there is a context for, which lasts as long as a connection has that.
  std::string_view kept_id(const std::string& policy) const { return contexts_.find(policy)->first; }

  // What the snapshot does not show any more, and contexts that no connection has.
  void drop_unused(const routing::Snapshot& snapshot);

  // Forgets the keys of tickets that nobody may have any more, also where nobody shakes hands. When to ask again.
  net::Time move_ticket_keys_on(net::Time now);

 private:
  struct Shown {
    std::shared_ptr<const model::Certificate> part;
    routing::Slot slot = 0;
    std::shared_ptr<const net::tls::Credentials> credentials;
  };

  std::optional<net::tls::TicketKeys> ticket_keys_;  // until there is a library, which takes them
  std::size_t most_connects_;
  std::optional<net::tls::Library> library_;
  std::unordered_map<std::string, std::shared_ptr<net::tls::ServerContext>> contexts_;  // by the policy's id
  std::unordered_map<std::string, Shown> shown_;                                        // by the certificate's id
};

}  // namespace sallyport::proxy
