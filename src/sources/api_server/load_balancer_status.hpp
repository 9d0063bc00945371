// SPDX-License-Identifier: Apache-2.0
// status.loadBalancer of an Ingress: what stands there, and the patch that puts something else there. Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "kube/object.hpp"

namespace sallyport::sources::api_server {

// IP addresses and host names, sorted: their order says nothing, so one who writes them in another order is agreed
// with.
using Addresses = std::vector<std::string>;

Addresses sorted(Addresses addresses);

// Those that stand there. Nothing if there is more than addresses, as ports of another controller; or if the object is
// no Ingress.
std::optional<Addresses> addresses_in(const kube::Object& object);

// The value of loadBalancer: {"ingress": [{"ip": "192.0.2.1"}, {"hostname": "lb.example.com"}]}.
void write_load_balancer(JsonWriter& json, const Addresses& addresses);
// A JSON merge patch (RFC 7396) of the status. It names the version that it was made from, and the API server refuses
// it (409) if there is a newer one.
std::string addresses_patch(const Addresses& addresses, std::string_view resource_version);

}  // namespace sallyport::sources::api_server
