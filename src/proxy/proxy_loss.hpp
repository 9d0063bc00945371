// SPDX-License-Identifier: Apache-2.0
// Why a connection had to do with a header of the PROXY protocol and came to nothing: what is counted of it.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::proxy {

enum class ProxyLoss : std::uint8_t {
  stranger,   // who connects may not write one, and has to
  malformed,  // it begins with something else
  timeout,
  gone,
  overloaded,  // no room for it, or for one more connection of the source that it names; or time is up for all
};
inline constexpr std::size_t proxy_loss_count = 5;

constexpr std::string_view word(ProxyLoss loss) {
  constexpr std::array<std::string_view, proxy_loss_count> words = {"stranger", "malformed", "timeout", "gone",
                                                                    "overloaded"};
  return words[static_cast<std::size_t>(loss)];
}

}  // namespace sallyport::proxy
