// SPDX-License-Identifier: Apache-2.0
#include "syntax/special_address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace sallyport::syntax {
namespace {

// Those that are not link-local anyway: AWS, Google, Alibaba, Azure.
bool is_metadata_service(const IpAddress& address) {
  static const std::array<IpAddress, 4> services = {
      *IpAddress::parse("fd00:ec2::254"), *IpAddress::parse("fd20:ce::254"), *IpAddress::parse("100.100.100.200"),
      *IpAddress::parse("168.63.129.16")};
  return std::ranges::find(services, address) != services.end();
}

std::string_view special_v4(const IpAddress& address) {
  if (address.is_unspecified()) return "the unspecified address";
  if (address.is_loopback()) return "a loopback address";
  if (address.is_link_local()) return "a link-local address";
  if (address.is_multicast()) return "a multicast address";
  if (is_metadata_service(address)) return "a cloud's metadata service";
  const auto bytes = address.bytes();
  if (bytes[0] == 0) return "an address of this network";
  const bool is_broadcast = std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xff; });
  return is_broadcast ? "a broadcast address" : "";
}

// Which four of the sixteen bytes are the IPv4 address; those behind them are zero.
struct Layout {
  std::array<std::size_t, 4> at;
};

constexpr Layout last{{12, 13, 14, 15}};
constexpr Layout to_4{{2, 3, 4, 5}};
// A translator of this network has a prefix of any of these lengths in its block (RFC 6052 2.2, RFC 8215): 96, 64,
// 56, 48.
constexpr std::array<Layout, 4> local_translators = {{last, {{9, 10, 11, 12}}, {{7, 9, 10, 11}}, {{6, 7, 9, 10}}}};

using Bytes = std::span<const std::uint8_t>;

IpAddress v4_in(Bytes bytes, const Layout& layout) {
  std::array<std::uint8_t, 4> copy{};
  std::ranges::transform(layout.at, copy.begin(), [&](std::size_t at) { return bytes[at]; });
  return IpAddress::from_v4(copy);
}

// What is special by any of them. Zeros say nothing: they are what an address of another length has there.
std::string_view behind_local_translator(Bytes bytes) {
  for (const Layout& layout : local_translators) {
    const auto rest = bytes.subspan(layout.at.back() + 1);
    const bool fits = std::ranges::all_of(rest, [](std::uint8_t byte) { return byte == 0; });
    const IpAddress v4 = v4_in(bytes, layout);
    if (!fits || v4.bytes()[0] == 0) continue;
    if (const auto kind = special_v4(v4); !kind.empty()) return kind;
  }
  return {};
}

// Of the IPv4 address that a packet to this one may end at: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056),
// IPv4-compatible (RFC 4291).
std::string_view special_within(Bytes bytes) {
  constexpr std::array<std::uint8_t, 12> nat64 = {0x00, 0x64, 0xff, 0x9b};
  constexpr std::array<std::uint8_t, 6> local_nat64 = {0x00, 0x64, 0xff, 0x9b, 0x00, 0x01};
  constexpr std::array<std::uint8_t, 12> compatible{};
  constexpr std::array<std::uint8_t, 2> six_to_4 = {0x20, 0x02};
  const auto begins_with = [&](const auto& prefix) { return std::ranges::equal(prefix, bytes.first(prefix.size())); };
  if (begins_with(local_nat64)) return behind_local_translator(bytes);
  if (begins_with(nat64) || begins_with(compatible)) return special_v4(v4_in(bytes, last));
  return begins_with(six_to_4) ? special_v4(v4_in(bytes, to_4)) : std::string_view();
}

}  // namespace

std::string_view special_kind(const IpAddress& address) {
  if (address.is_v4()) return special_v4(address);
  if (address.is_unspecified()) return "the unspecified address";
  if (address.is_loopback()) return "a loopback address";
  if (address.is_link_local()) return "a link-local address";
  if (address.is_multicast()) return "a multicast address";
  if (is_metadata_service(address)) return "a cloud's metadata service";
  return special_within(address.bytes());
}

}  // namespace sallyport::syntax
