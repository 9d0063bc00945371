// SPDX-License-Identifier: Apache-2.0
// What the fake API server says it serves: the aggregated form (apidiscovery.k8s.io/v2) and the plain one, group by
// group. Pure.

#pragma once

#include <optional>
#include <string_view>

#include "fake_api_server/store.hpp"
#include "fake_api_server/target.hpp"

namespace sallyport::fake_api {

inline constexpr std::string_view aggregated_type =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

// Of /api and /apis.
Json aggregated_discovery(const Store& store, bool is_core);

// Of /api, /apis, /apis/GROUP and of a version. Nothing: no kind of it is served.
std::optional<Json> plain_discovery(const Store& store, const Target& target);

Json version_document();

}  // namespace sallyport::fake_api
