// SPDX-License-Identifier: Apache-2.0
// Addresses that no endpoint has, whoever says so (reliability-security.md X-1): this machine, everyone, nobody, a
// neighbour on the link, a cloud's metadata service. Pure.

#pragma once

#include <string_view>

#include "syntax/address.hpp"

namespace sallyport::syntax {

// What is special about it, by the address alone: "a loopback address". Empty: nothing is. Addresses inside of others
// count as well: those that a translator on the way would go on to.
std::string_view special_kind(const IpAddress& address);

}  // namespace sallyport::syntax
