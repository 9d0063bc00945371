// SPDX-License-Identifier: Apache-2.0
// Where no connection to an endpoint goes, whatever the configuration or a DNS server says (reliability-security.md
// Asked at each connect, so that an answer which was harmless a moment ago counts for nothing.
//
// Written before the threads start, and only read after that.

#pragma once

#include <string_view>
#include <vector>

#include "syntax/address.hpp"

namespace sallyport::proxy {

struct ConnectRules {
  std::vector<syntax::Cidr> allowed;               // --allow-name-addresses: where names may lead all the same
  std::vector<syntax::SocketAddress> own_ports{};  // where we say ourselves what only some may hear: admin, health

  // Why not; empty: it may. What is said of an address that was listed was judged when it was read, so that only our
  // own ports are left to refuse.
  std::string_view refusal(const syntax::SocketAddress& to, bool by_name) const;
  // Of an address that a name leads to, as far as it can be said without asking the kernel.
  bool allows_kind(const syntax::IpAddress& address) const;
};

}  // namespace sallyport::proxy
