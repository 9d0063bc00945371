// SPDX-License-Identifier: Apache-2.0
// IP addresses, address and port, and CIDR blocks as values. Nothing here resolves a name.
//
// An IPv4-mapped IPv6 address is its IPv4 address, whichever way it came in, so that no rule for the one can be passed
// by as the other. Zone ids are refused. Order: by the sixteen bytes, an IPv4 address standing at ::ffff:0:0/96.

#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sallyport::syntax {

class IpAddress {
 public:
  static constexpr std::size_t text_size = 46;

  IpAddress() = default;  // ::
  static Result<IpAddress> parse(std::string_view text);
  // Network byte order.
  static IpAddress from_v4(std::span<const std::uint8_t, 4> bytes);
  static IpAddress from_v6(std::span<const std::uint8_t, 16> bytes);

  bool is_v4() const;
  // Four or sixteen, network byte order; a view of this object.
  std::span<const std::uint8_t> bytes() const;

  // RFC 5952; gives the number of bytes written, without a final NUL.
  std::size_t write(std::span<char, text_size> room) const;
  std::string text() const;

  bool is_loopback() const;
  bool is_link_local() const;
  bool is_multicast() const;
  bool is_unspecified() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // an IPv4 address as ::ffff:a.b.c.d
};

// "127.0.0.1:80" or "[::1]:80". Port 0 is allowed: it asks the kernel for a free one.
struct SocketAddress {
  static constexpr std::size_t text_size = IpAddress::text_size + 8;  // "[" "]:65535"

  IpAddress ip;
  std::uint16_t port = 0;

  static Result<SocketAddress> parse(std::string_view text);
  // Gives the number of bytes written.
  std::size_t write(std::span<char, text_size> room) const;
  std::string text() const;

  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

// All addresses that share a prefix: "10.0.0.0/8". A bit set behind the prefix is an error, as is a missing length.
class Cidr {
 public:
  static Result<Cidr> parse(std::string_view text);

  // An IPv6 block holds no IPv4 address: ::/0 is not "everything".
  bool contains(const IpAddress& address) const;
  std::string text() const;

  friend bool operator==(const Cidr&, const Cidr&) = default;
  friend auto operator<=>(const Cidr&, const Cidr&) = default;

 private:
  Cidr(const IpAddress& first, unsigned length) : first_(first), length_(length) {}

  IpAddress first_;
  unsigned length_;  // bits, of 32 or 128
};

// The sixteen bytes as RFC 5952 text, an IPv4-mapped address in its mixed form: ::ffff:192.0.2.1.
std::size_t write_ipv6(std::span<const std::uint8_t, 16> bytes, std::span<char, IpAddress::text_size> room);

// The sixteen bytes of an IPv6 address, IPv4-mapped ones as written.
Result<std::array<std::uint8_t, 16>> parse_ipv6(std::string_view text);

}  // namespace sallyport::syntax

template <>
struct std::hash<sallyport::syntax::IpAddress> {
  std::size_t operator()(const sallyport::syntax::IpAddress& address) const noexcept {
    const auto bytes = address.bytes();
    return std::hash<std::string_view>()({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
};

template <>
struct std::hash<sallyport::syntax::SocketAddress> {
  std::size_t operator()(const sallyport::syntax::SocketAddress& address) const noexcept {
    return std::hash<sallyport::syntax::IpAddress>()(address.ip) * 31 + address.port;
  }
};
