// SPDX-License-Identifier: Apache-2.0
// What a call on a connection gives, or why it gives nothing.

#pragma once

#include <cstdint>
#include <expected>

namespace sallyport::net {

enum class IoError : std::uint8_t {
  timeout,
  reset,        // by the peer, or the network gave up; with TLS also what is no TLS any more
  refused,      // a connect that nobody listens for
  no_route,     // a connect for which the kernel has no way there: no route, no address or port to come from, or a ban
  exhausted,    // there is no descriptor or memory for it here
  interrupted,  // by interrupt()
};

template <class T>
using IoResult = std::expected<T, IoError>;

}  // namespace sallyport::net
