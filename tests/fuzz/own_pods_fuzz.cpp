// SPDX-License-Identifier: Apache-2.0
// What an API server says of our pods and of their nodes: whatever it is, addresses are addresses, at most one of each
// family, and a selector is one of labels.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "kube/json.hpp"
#include "require.hpp"
#include "sources/api_server/own_pods.hpp"
#include "syntax/address.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::sources::api_server;
  using sallyport::fuzz::require;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto trees = sallyport::kube::parse_json(text);
  const bool is_json = trees && !trees->empty();
  if (is_json) {
    const std::string node = serving_node(*trees->front().root());
    require(node.empty() || text.contains("Ready"));
  }
  const auto selector = parse_selector_of_peers(text);
  require(selector ? is_json && selector->contains('=') : !selector.error().empty());
  const auto addresses = parse_node_addresses(text);
  require(addresses ? is_json && addresses->size() <= 2 : !is_json && !addresses.error().empty());
  if (!addresses) return 0;
  for (const auto& address : *addresses) require(sallyport::syntax::IpAddress::parse(address).has_value());
  return 0;
}
