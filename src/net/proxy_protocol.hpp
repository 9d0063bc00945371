// SPDX-License-Identifier: Apache-2.0
// The header of the PROXY protocol (HAProxy's proxy-protocol.txt, versions 1 and 2), which a balancer that passes bytes
// writes before them to say whose they are. Pure.
//
// Read strictly: whoever may write it speaks for others, so what is not exactly a header is none.

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "syntax/address.hpp"

namespace sallyport::net {

struct ProxyHeader {
  enum class Speaks {
    for_itself,   // LOCAL: a health check of the balancer, say
    for_client,   // whom it names
    for_unnamed,  // for somebody who has no address of ours: UNKNOWN, a Unix socket, datagrams
  };

  Speaks speaks = Speaks::for_itself;
  syntax::SocketAddress client;  // these two only for_client
  syntax::SocketAddress local;   // what the client connected to
  bool is_secure = false;        // the client spoke TLS with the balancer
  std::size_t size = 0;          // bytes of the header

  bool operator==(const ProxyHeader&) const = default;
};

// A longer one is refused. All addresses with a name of 255 bytes and what TLS told of the client fit.
inline constexpr std::size_t longest_proxy_header = 2048;

// None: more has to come. An error as soon as it can be none, never later than with `longest_proxy_header` bytes.
Result<std::optional<ProxyHeader>> parse_proxy_header(std::string_view bytes);

// What we say to an upstream that wants it.
struct ProxyTeller {
  ProxyHeader::Speaks speaks = ProxyHeader::Speaks::for_itself;
  syntax::SocketAddress client;
  syntax::SocketAddress local;
  std::string_view authority;  // the name that the client called us by: PP2_TYPE_AUTHORITY; empty: none
};

// Room for either version.
using ProxyHeaderRoom = std::array<char, 16 + 36 + 3 + 255>;
std::string_view write_proxy_v1(ProxyHeaderRoom& room, const ProxyTeller& teller);
// A longer authority than 255 bytes is left out: no name has that many.
std::string_view write_proxy_v2(ProxyHeaderRoom& room, const ProxyTeller& teller);

}  // namespace sallyport::net
