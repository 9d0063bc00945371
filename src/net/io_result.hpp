// SPDX-License-Identifier: Apache-2.0
// What a call on a connection gives, or why it gives nothing.

#pragma once

#include <cstdint>
#include <expected>

namespace sallyport::net {

enum class IoError : std::uint8_t {
  timeout,
  reset,        // by the peer, or the network gave up; with TLS also what is no TLS any more
  refused,      // a connect that nobody listens for, or that has no route
  exhausted,    // there is no descriptor, port or memory for it here
  interrupted,  // by interrupt()
};

template <class T>
using IoResult = std::expected<T, IoError>;

}  // namespace sallyport::net
