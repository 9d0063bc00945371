// SPDX-License-Identifier: Apache-2.0
// Where an API server is, as a kubeconfig writes it: "https://203.0.113.7:6443", "https://rancher.example.com/k8s/c-1".
// Pure.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sallyport::sources::api_server {

struct ServerUrl {
  bool is_tls = true;
  std::string host;        // a name in lower case, or an address without brackets
  std::uint16_t port = 0;  // never 0 once it was read
  std::string prefix;      // of every path, without a slash at its end; mostly empty

  // As it is sent in Host: without the port where that is the scheme's own.
  std::string authority() const;
  std::string text() const;

  friend bool operator==(const ServerUrl&, const ServerUrl&) = default;
};

// An error says what is wrong with it. The scheme must be written; user information, a query and a fragment must not.
Result<ServerUrl> parse_server_url(std::string_view text);

}  // namespace sallyport::sources::api_server
