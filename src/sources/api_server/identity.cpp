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

std::string host_name() {
  std::array<char, 65> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string new_identity() {
  const std::string host = host_name();
  std::array<unsigned char, 8> chance{};
  if (::getrandom(chance.data(), chance.size(), 0) != static_cast<ssize_t>(chance.size())) {
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    std::memcpy(chance.data(), &now, sizeof now);
  }
  return text::cat(host.empty() ? "sallyport" : host, "_", hex(chance));
}

}  // namespace sallyport::sources::api_server
