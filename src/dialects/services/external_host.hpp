// SPDX-License-Identifier: Apache-2.0
// Hosts outside of the cluster, by name: `externalName` of a Service, and the addresses of an EndpointSlice of type
// FQDN. A name is fully qualified, with or without its final dot. Pure.

#pragma once

#include <string>
#include <string_view>

namespace sallyport::dialects::services {

// What a finding about a name ends with where names are not allowed.
inline constexpr std::string_view names_option = "; option --allow-external-names allows them";

// In lower case, without the final dot; an IPv4 address as it is written. Empty: no host name (RFC 1123), or one whose
// last label is a number, which some would read as an address.
std::string host_to_resolve(std::string_view written);

}  // namespace sallyport::dialects::services
