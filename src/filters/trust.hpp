// SPDX-License-Identifier: Apache-2.0
// Whose word about a client is believed.

#pragma once

#include <algorithm>
#include <vector>

#include "http/connection_facts.hpp"
#include "syntax/address.hpp"

namespace sallyport::filters {

inline bool is_trusted(const std::vector<syntax::Cidr>& trusted, const syntax::IpAddress& speaker) {
  return std::ranges::any_of(trusted, [&](const syntax::Cidr& block) { return block.contains(speaker); });
}

// Whoever made the connection, not whoever carried it here: a balancer that names its client passes that one's words.
inline bool is_trusted(const std::vector<syntax::Cidr>& trusted, const http::ConnectionFacts& connection) {
  return connection.client_source != http::ClientSource::hidden && is_trusted(trusted, connection.client.ip);
}

}  // namespace sallyport::filters
