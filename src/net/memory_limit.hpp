// SPDX-License-Identifier: Apache-2.0
// How much memory this process may use: what the machine has, and no more than its cgroup allows.

#pragma once

#include <cstddef>
#include <string_view>

namespace sallyport::net {

// In bytes, at least 1.
std::size_t granted_memory();

// The limit in a cgroup file memory.max or memory.limit_in_bytes; 0 when there is none.
std::size_t memory_in(std::string_view memory_max);

}  // namespace sallyport::net
