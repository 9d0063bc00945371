// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/identity.hpp"

#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>

#include "base/hex.hpp"
#include "base/text.hpp"

namespace sallyport::sources::api_server {

std::string new_identity() {
  std::array<char, 65> host{};
  const bool has_name = ::gethostname(host.data(), host.size() - 1) == 0 && host.front() != '\0';
  std::array<unsigned char, 8> chance{};
  if (::getrandom(chance.data(), chance.size(), 0) != static_cast<ssize_t>(chance.size())) {
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    std::memcpy(chance.data(), &now, sizeof now);
  }
  return text::cat(has_name ? host.data() : "sallyport", "_", hex(chance));
}

}  // namespace sallyport::sources::api_server
