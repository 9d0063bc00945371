// SPDX-License-Identifier: Apache-2.0
// The endpoints of one pool that are names, and what they make of its addresses. Belongs to its pool.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "model/parts.hpp"
#include "net/task.hpp"
#include "net/waiters.hpp"
#include "proxy/connect_rules.hpp"
#include "proxy/names.hpp"

namespace sallyport::proxy {

class NamedEndpoints {
 public:
  NamedEndpoints(Names& names, const ConnectRules& rules) : names_(names), rules_(rules), updated_(names.loop()) {}
  NamedEndpoints(const NamedEndpoints&) = delete;
  NamedEndpoints& operator=(const NamedEndpoints&) = delete;

  // Who waits for a name of before goes on with these.
  void update(const model::EndpointSet& set);

  // Until some address is known; otherwise why none is. Names whose time is over are asked for meanwhile, all of them:
  // the first that is answered will do.
  net::Task<Result<void>> ready(net::Time deadline);
  // Since all() was called.
  bool has_changed() const;
  // The addresses that are listed and those of the names, in order, each once; of names that were answered too long ago
  // none. Where a name has some that may be connected to, those that may not are left out.
  const std::vector<model::Endpoint>& all();
  // It is in all() only because a name leads there.
  bool is_by_name(const syntax::SocketAddress& address) const;

 private:
  struct Named {
    std::shared_ptr<Name> name;
    std::uint16_t port = 0;
    model::Endpoint::State state = model::Endpoint::State::active;
    std::uint64_t seen = 0;  // version of the addresses in all_
    bool left_out = false;   // they are not in all_
  };

  bool has_usable() const;
  net::Task<Result<void>> wait(net::Time deadline);

  Names& names_;
  const ConnectRules& rules_;
  std::vector<Named> named_;
  std::vector<model::Endpoint> listed_;
  std::vector<model::Endpoint> all_;
  std::vector<syntax::SocketAddress> by_name_;  // in order
  bool is_new_ = true;
  net::DeferredWaiters updated_;
};

}  // namespace sallyport::proxy
