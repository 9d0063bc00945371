// SPDX-License-Identifier: Apache-2.0
// Whether an address is one of this machine, or of this pod.

#pragma once

#include "syntax/address.hpp"

namespace sallyport::net {

// As the kernel's routes have it now: no list that could be out of date, no packet and no wait, but three system calls.
// True also when there is no descriptor to ask with: then there is none to connect with either.
bool is_own_address(const syntax::IpAddress& address);

}  // namespace sallyport::net
