// SPDX-License-Identifier: Apache-2.0
// How many processors this process may use: those it may run on, and no more than its cgroup's quota pays for.

#pragma once

#include <cstddef>
#include <string_view>

namespace sallyport::net {

// At least 1.
std::size_t granted_cpus();

// The quota in a cgroup v2 file cpu.max ("150000 100000"), in processors rounded up; 0 when there is none.
std::size_t quota_in(std::string_view cpu_max);

}  // namespace sallyport::net
