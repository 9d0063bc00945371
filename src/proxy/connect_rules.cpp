// SPDX-License-Identifier: Apache-2.0
#include "proxy/connect_rules.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "net/own_address.hpp"

namespace sallyport::proxy {
namespace {

using syntax::IpAddress;

// Those that are not link-local anyway: AWS, Google, Alibaba, Azure.
constexpr std::array<std::string_view, 4> metadata_services = {"fd00:ec2::254", "fd20:ce::254", "100.100.100.200",
                                                               "168.63.129.16"};

bool is_metadata_service(const IpAddress& address) {
  return std::ranges::any_of(metadata_services,
                             [&](std::string_view text) { return IpAddress::parse(text) == address; });
}

// The IPv4 address that a packet to this one may end at: NAT64 (RFC 6052), 6to4 (RFC 3056), IPv4-compatible (RFC 4291).
std::optional<IpAddress> embedded(const IpAddress& address) {
  if (address.is_v4()) return std::nullopt;
  constexpr std::array<std::uint8_t, 12> nat64 = {0x00, 0x64, 0xff, 0x9b};
  constexpr std::array<std::uint8_t, 12> compatible{};
  constexpr std::array<std::uint8_t, 2> to_4 = {0x20, 0x02};
  const auto bytes = address.bytes();
  const auto begins_with = [&](const auto& prefix) { return std::ranges::equal(prefix, bytes.first(prefix.size())); };
  const auto v4_at = [&](std::size_t at) {
    return IpAddress::from_v4(std::span<const std::uint8_t, 4>(bytes.subspan(at, 4)));
  };
  if (begins_with(nat64) || begins_with(compatible)) return v4_at(12);
  if (begins_with(to_4)) return v4_at(2);
  return std::nullopt;
}

bool is_allowed(const std::vector<syntax::Cidr>& blocks, const IpAddress& address) {
  return std::ranges::any_of(blocks, [&](const syntax::Cidr& block) { return block.contains(address); });
}

}  // namespace

std::string_view special_kind(const IpAddress& address) {
  if (address.is_unspecified()) return "the unspecified address";
  if (address.is_loopback()) return "a loopback address";
  if (address.is_link_local()) return "a link-local address";
  if (address.is_multicast()) return "a multicast address";
  if (is_metadata_service(address)) return "a cloud's metadata service";
  const auto bytes = address.bytes();
  if (address.is_v4() && bytes[0] == 0) return "an address of this network";
  if (address.is_v4() && std::ranges::all_of(bytes, [](auto byte) { return byte == 0xff; }))
    return "a broadcast address";
  const auto inner = embedded(address);
  return inner ? special_kind(*inner) : std::string_view();
}

bool ConnectRules::allows_kind(const IpAddress& address) const {
  return is_allowed(allowed, address) || special_kind(address).empty();
}

std::string_view ConnectRules::refusal(const syntax::SocketAddress& to, bool by_name) const {
  const bool is_own_port = std::ranges::any_of(own_ports, [&](const syntax::SocketAddress& own) {
    return own.port == to.port && (own.ip.is_unspecified() ? net::is_own_address(to.ip) : own.ip == to.ip);
  });
  if (is_own_port) return "a port of this gateway";
  if (!by_name || is_allowed(allowed, to.ip)) return {};
  if (const std::string_view kind = special_kind(to.ip); !kind.empty()) return kind;
  return net::is_own_address(to.ip) ? "an address of this gateway" : std::string_view();
}

}  // namespace sallyport::proxy
