// SPDX-License-Identifier: Apache-2.0
#include "proxy/connect_rules.hpp"

#include <algorithm>

#include "net/own_address.hpp"
#include "syntax/special_address.hpp"

namespace sallyport::proxy {
namespace {

using syntax::IpAddress;

bool is_allowed(const std::vector<syntax::Cidr>& blocks, const IpAddress& address) {
  return std::ranges::any_of(blocks, [&](const syntax::Cidr& block) { return block.contains(address); });
}

// Linux takes an unspecified address for one of loopback.
bool leads_to(const syntax::SocketAddress& to, const syntax::SocketAddress& own) {
  if (own.port != to.port) return false;
  return to.ip.is_unspecified() || (own.ip.is_unspecified() ? net::is_own_address(to.ip) : own.ip == to.ip);
}

}  // namespace

bool ConnectRules::allows_kind(const IpAddress& address) const {
  return is_allowed(allowed, address) || syntax::special_kind(address).empty();
}

std::string_view ConnectRules::refusal(const syntax::SocketAddress& to, bool by_name) const {
  const bool is_own_port =
      std::ranges::any_of(own_ports, [&](const syntax::SocketAddress& own) { return leads_to(to, own); });
  if (is_own_port) return "a port of this gateway";
  if (!by_name || is_allowed(allowed, to.ip)) return {};
  if (const std::string_view kind = syntax::special_kind(to.ip); !kind.empty()) return kind;
  return net::is_own_address(to.ip) ? "an address of this gateway" : std::string_view();
}

}  // namespace sallyport::proxy
